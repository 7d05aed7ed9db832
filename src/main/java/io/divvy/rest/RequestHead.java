package io.divvy.rest;

import io.javalin.http.Context;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the body of a request, whoever has read it.
 *
 * @param allHeaders all values of a header, in their order
 */
record RequestHead(String method, String path, Function<String, List<String>> allHeaders) {
    static RequestHead of(Context request) {
        return new RequestHead(
                request.method().name(),
                request.path(),
                name -> Collections.list(request.req().getHeaders(name)));
    }

    static RequestHead of(Request request) {
        return new RequestHead(
                request.getMethod(),
                request.getHttpURI().getPath(),
                name -> request.getHeaders().getValuesList(name));
    }

    List<String> headers(String name) {
        return allHeaders.apply(name);
    }

    /** The first value of the header, or null. */
    @Nullable
    String header(String name) {
        List<String> values = headers(name);
        return values.isEmpty() ? null : values.get(0);
    }
}
