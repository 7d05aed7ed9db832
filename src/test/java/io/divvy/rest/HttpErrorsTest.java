package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.HttpExchange;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests for what is not there, and requests that are not quite HTTP: the answer is a problem all the same. */
class HttpErrorsTest {
    private static final String PROBLEM = "application/problem+json";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/jobs", "/tasks/a/b", "/tasks/a/result/more", "/Health", "/index.html"})
    void anUnknownPathIsNotFound(String path) {
        server.request()
                .get(path)
                .then()
                .statusCode(404)
                .contentType(PROBLEM)
                .body(isProblem(
                        404, "not_found", is("GET " + path + ": there is no such path; GET /openapi.yaml lists all")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT    | /tasks          | GET, POST, HEAD, OPTIONS",
                "PUT    | /tasks/a        | GET, PATCH, DELETE, HEAD, OPTIONS",
                "DELETE | /workers        | GET, HEAD, OPTIONS",
                "GET    | /tasks/a/cancel | POST, OPTIONS",
                "HEAD   | /tasks/a/cancel | POST, OPTIONS",
                "POST   | /health         | GET, HEAD, OPTIONS",
                "TRACE  | /health         | GET, HEAD, OPTIONS",
                "BREW   | /health         | GET, HEAD, OPTIONS",
            })
    void anUnknownMethodIsNotAllowed(String method, String path, String allowed) {
        for (String accept : new String[] {"*/*", "text/html"}) {
            var answer = server.request()
                    .accept(accept)
                    .request(method, path)
                    .then()
                    .statusCode(405)
                    .header("Allow", is(allowed));
            if (!method.equals("HEAD")) {
                answer.contentType(PROBLEM)
                        .body(isProblem(405, "bad_message", allOf(containsString(method), containsString(allowed))));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/tasks | POST, GET, HEAD, OPTIONS",
                "/tasks/a | GET, HEAD, PATCH, DELETE, OPTIONS",
                "/ready | GET, HEAD, OPTIONS"
            })
    void optionsNamesTheMethods(String path, String allowed) {
        server.request()
                .options(path)
                .then()
                .statusCode(204)
                .header("Allow", is(allowed))
                .body(is(emptyString()));
    }

    @Test
    void headIsGetWithoutTheBody() {
        String length = server.request().get("/health").header("Content-Length");
        server.request()
                .head("/health")
                .then()
                .statusCode(200)
                .header("Content-Length", length)
                .body(is(emptyString()));
        server.request().head("/tasks/no-such-task").then().statusCode(404);
        server.request().head("/health?verbose").then().statusCode(400);
    }

    @Test
    void anEmptyQueryIsNoQuery() throws IOException {
        HttpExchange exchange = exchange("GET /health? HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertEquals(200, exchange.status());
        OpenApiContract.FILTER.require(exchange);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /tasks/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health?a=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health?% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health?a=1&%4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /tasks/a?wait=%e2%82 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n",
                "POST /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: x\r\n\r\n",
                "hello\r\n\r\n",
            })
    void bytesThatAreNoHttpAreABadRequestAndAProblem(String request) throws IOException {
        HttpExchange exchange = exchange(request);
        OpenApiContract.FILTER.requireProblem(exchange);
        assertThat(text(exchange), isProblem(400, "bad_message", not(emptyString())));
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws IOException {
        HttpExchange exchange = exchange("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Large: "
                + "x".repeat(10_000) + "\r\n\r\n");
        OpenApiContract.FILTER.requireProblem(exchange);
        assertThat(text(exchange), isProblem(431, "limit_exceeded", not(emptyString())));
    }

    private static HttpExchange exchange(String request) throws IOException {
        try (Socket socket = new Socket(
                server.httpAddress().getAddress(), server.httpAddress().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return HttpExchange.readAnswer("GET", "/health", "", socket.getInputStream());
        }
    }

    private static String text(HttpExchange exchange) {
        return new String(exchange.body(), StandardCharsets.UTF_8);
    }
}
