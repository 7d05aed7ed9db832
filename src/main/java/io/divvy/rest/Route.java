package io.divvy.rest;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One operation of {@code openapi.yaml}.
 *
 * @param isQuick its replies are small and ready at once; they wait for none of those that take work
 * @param queryParameters that it knows; any other is an error, so that a misspelt one is not silent
 */
record Route(HandlerType method, String path, List<String> queryParameters, boolean isQuick, Endpoint endpoint) {

    /** Answers a request. What goes wrong is thrown or fails the future; {@link Problem#of} turns it into an answer. */
    @FunctionalInterface
    interface Endpoint {
        CompletableFuture<Reply> answer(Context request) throws ProblemException;
    }

    /** Whether the server is well is answered whatever else it has to do. */
    static Route quick(String path, Endpoint endpoint) {
        return new Route(HandlerType.GET, path, List.of(), true, endpoint);
    }

    static Route get(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.GET, path, List.of(queryParameters), false, endpoint);
    }

    static Route delete(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.DELETE, path, List.of(queryParameters), false, endpoint);
    }

    static Route post(String path, Endpoint endpoint, String... queryParameters) {
        return new Route(HandlerType.POST, path, List.of(queryParameters), false, endpoint);
    }
}
