package io.divvy.rest;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One operation of {@code openapi.yaml}. */
record Route(HandlerType method, String path, Terms terms, Endpoint endpoint) {

    /**
     * What may be asked of it.
     *
     * @param queryParameters that it knows; any other is an error, so that a misspelt one is not silent
     * @param mediaTypes of what it answers, if all goes well; none if that has no body
     * @param isQuick its replies are small and ready at once; they wait for none of those that take work
     */
    record Terms(List<String> queryParameters, List<String> mediaTypes, boolean isQuick) {}

    /** Answers a request. What goes wrong is thrown or fails the future; {@link Problem#of} turns it into an answer. */
    @FunctionalInterface
    interface Endpoint {
        CompletableFuture<Reply> answer(Context request) throws ProblemException;
    }

    private static final List<String> JSON = List.of(Reply.JSON);

    /** Whether the server is well is answered whatever else it has to do. */
    static Route quick(String path, Endpoint endpoint) {
        return new Route(HandlerType.GET, path, new Terms(List.of(), JSON, true), endpoint);
    }

    static Route get(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.GET, path, new Terms(List.of(queryParameters), JSON, false), endpoint);
    }

    static Route delete(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.DELETE, path, new Terms(List.of(queryParameters), List.of(), false), endpoint);
    }

    static Route patch(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.PATCH, path, new Terms(List.of(queryParameters), JSON, false), endpoint);
    }

    static Route post(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.POST, path, new Terms(List.of(queryParameters), JSON, false), endpoint);
    }

    /** The same, which answers with one of these, and not with JSON alone. */
    Route giving(String... mediaTypes) {
        return new Route(method, path, new Terms(terms.queryParameters, List.of(mediaTypes), terms.isQuick), endpoint);
    }
}
