package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;

import io.divvy.testing.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of another site cannot have a browser ask for something here, whether it may read the answer or not. */
class ForeignPagesTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{0} {1}: {2}, {3}, {4} gets {5}")
    @CsvSource({
        // A picture, a script or a frame of another site, and a form that is sent by itself.
        "GET, /tasks, cross-site, no-cors, image, 403",
        "GET, /tasks, cross-site, no-cors, script, 403",
        "GET, /tasks, cross-site, navigate, iframe, 403",
        "GET, /tasks, cross-site, navigate, object, 403",
        "GET, /openapi.yaml, cross-site, no-cors, image, 403",
        "GET, /nothing, cross-site, no-cors, image, 403",
        "HEAD, /tasks, cross-site, no-cors, empty, 403",
        "POST, /tasks, cross-site, navigate, document, 403",
        "OPTIONS, /tasks, cross-site, cors, empty, 403",
        // Another port of this machine, or another machine of the domain.
        "GET, /tasks, same-site, no-cors, image, 403",
        // Whoever follows a link or types the address, and pages from here.
        "GET, /tasks, cross-site, navigate, document, 200",
        "GET, /tasks, same-site, navigate, document, 200",
        "GET, /tasks, none, navigate, document, 200",
        "GET, /tasks, same-origin, cors, empty, 200",
        "GET, /health, cross-site, no-cors, image, 200",
        "HEAD, /ready, cross-site, no-cors, image, 200",
    })
    void onlyALinkLeadsHereFromAnotherSite(
            String method, String path, String site, String mode, String destination, int status) {
        var answer = server.request()
                .header("Sec-Fetch-Site", site)
                .header("Sec-Fetch-Mode", mode)
                .header("Sec-Fetch-Dest", destination)
                .request(method, path)
                .then()
                .statusCode(status);
        if (status == 403 && !method.equals("HEAD")) {
            answer.body(isProblem(403, "unauthorized", containsString("Sec-Fetch-Site: " + site)));
        }
    }

    /** A proxy for TLS makes another site of it, and the origin is that of the server all the same. */
    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void theServersOwnOriginIsNotForeign(String scheme) {
        server.request()
                .header(
                        "Origin",
                        scheme + "://127.0.0.1:" + server.httpAddress().getPort())
                .header("Sec-Fetch-Site", "same-site")
                .header("Sec-Fetch-Mode", "cors")
                .get("/tasks")
                .then()
                .statusCode(200);
    }
}
