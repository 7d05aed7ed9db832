package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.HttpApi;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What Jetty refuses before any route sees it, such as a path that is not well encoded, is told as a problem too. */
final class JettyProblems extends ErrorHandler {
    private static final int BAD_REQUEST = 400;

    private static final int NOT_FOUND = 404;

    private final int tcpPort;
    private final KnownHosts hosts;

    /**
     * @param tcpPort told with what is not HTTP, as it may be meant for that one
     * @param hosts whoever asks under another name hears of that, here as elsewhere
     */
    JettyProblems(int tcpPort, KnownHosts hosts) {
        this.tcpPort = tcpPort;
        this.hosts = hosts;
    }

    /** Jetty would answer to others than GET, HEAD and POST without a body. */
    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int status,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        RequestHead head = RequestHead.of(request);
        Problem complaint = hosts.complaint(head);
        Problem problem = complaint == null ? problem(status, message, head) : complaint;
        if (problem.status() == BAD_REQUEST) {
            problem = problem.withDetail(
                    problem.detail() + "; this is the HTTP API, senders and workers connect to port " + tcpPort);
        }
        problem.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
        response.getHeaders().put(HttpApi.TCP_PORT_HEADER, tcpPort);
        response.write(true, ByteBuffer.wrap(problem.toJson()), callback);
    }

    private static Problem problem(int status, @Nullable String message, RequestHead request) {
        return status == NOT_FOUND ? noSuchPath(request.method() + " " + request.path()) : problem(status, message);
    }

    static Problem noSuchPath(String request) {
        return new Problem(ErrorCode.NOT_FOUND, request + ": there is no such path; GET /openapi.yaml lists all");
    }

    static Problem problem(int status, @Nullable String message) {
        ErrorCode code =
                switch (status) {
                    case 404 -> ErrorCode.NOT_FOUND;
                    case 413, 414, 431 -> ErrorCode.LIMIT_EXCEEDED;
                    case 429, 503 -> ErrorCode.BUSY;
                    default -> status < 500 ? ErrorCode.BAD_MESSAGE : ErrorCode.INTERNAL;
                };
        String detail =
                switch (code) {
                    case INTERNAL -> "internal error of the server; its log says more";
                    case BUSY -> "the server cannot take the request now; try again";
                    default -> "the request is not valid HTTP here" + (message == null ? "" : ": " + message);
                };
        return new Problem(status, code, detail, Map.of());
    }
}
