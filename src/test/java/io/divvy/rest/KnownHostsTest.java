package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.HttpExchange;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of another site gets nowhere, whatever name of its own it has lead to this machine. */
class KnownHostsTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static int port() {
        return server.httpAddress().getPort();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8080",
                "10.0.0.7:8080",
                "127.0.0.1.evil.example",
                "[::2]:8080",
                "localhost.evil.example"
            })
    void aRequestUnderAnotherNameIsRefusedWhateverItAsksFor(String host) {
        for (String path : List.of("/tasks", "/health", "/openapi.yaml", "/nothing")) {
            server.request()
                    .header("Host", host)
                    .header("Origin", "http://" + host)
                    .get(path)
                    .then()
                    .statusCode(421)
                    .body(isProblem(421, "bad_message", containsString("no name of this server")));
        }
        for (String method : List.of("OPTIONS", "PUT")) {
            server.request()
                    .header("Host", host)
                    .request(method, "/tasks")
                    .then()
                    .body(isProblem(421, "bad_message", containsString(host)));
        }
        server.request()
                .header("Host", host)
                .body("{}")
                .post("/tasks")
                .then()
                .body(isProblem(421, "bad_message", containsString(host)));
    }

    /** It has no path, so no route sees it. */
    @Test
    void whatIsAskedOfTheWholeServerIsCheckedToo() throws IOException {
        HttpExchange foreign = exchange("OPTIONS * HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        OpenApiContract.FILTER.requireProblem(foreign);
        assertThat(
                new String(foreign.body(), StandardCharsets.UTF_8),
                isProblem(421, "bad_message", containsString("evil.example")));
        HttpExchange own = exchange("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        OpenApiContract.FILTER.requireProblem(own);
        assertThat(
                new String(own.body(), StandardCharsets.UTF_8),
                isProblem(404, "not_found", is("OPTIONS *: there is no such path; GET /openapi.yaml lists all")));
    }

    private static HttpExchange exchange(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return HttpExchange.readAnswer("OPTIONS", "*", "", socket.getInputStream());
        }
    }

    /** It is what is to be typed, so it has no port. */
    @Test
    void theNameThatTheServerCouldBeGivenIsSaid() {
        server.request()
                .header("Host", "divvy.example:8080")
                .get("/tasks")
                .then()
                .body(isProblem(421, "bad_message", endsWith("start the server with --allow-host divvy.example")));
    }

    @ParameterizedTest
    @CsvSource({
        "lab3, true",
        "Lab_3.example., true",
        "10.0.0.7, true",
        "[fe80::1], true",
        "lab3:8080, false",
        "http://lab3, false",
        "*.example, false",
        "fe80::1, false",
        "'', false"
    })
    void aNameHasNoPort(String text, boolean isName) {
        assertEquals(isName, KnownHosts.isName(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST",
                "divvy.localhost",
                "127.0.0.1",
                "127.8.9.10",
                "[::1]",
                "[0:0:0:0:0:0:0:1]",
                "[::ffff:127.0.0.1]",
                "divvy.test",
                "Divvy.Test"
            })
    void theServersOwnNamesAreTaken(String name) {
        String host = name + ":" + port();
        server.request()
                .header("Host", host)
                .header("Origin", "http://" + host)
                .get("/tasks")
                .then()
                .statusCode(200);
    }

    @Test
    void aPageOfAnotherSiteMayNotEvenLook() {
        for (String origin :
                List.of("https://example.org", "null", "http://127.0.0.1:1", "http://localhost:" + port())) {
            for (String request : List.of("GET /tasks", "GET /nothing", "OPTIONS /tasks", "PUT /tasks")) {
                String[] methodAndPath = request.split(" ");
                server.request()
                        .header("Origin", origin)
                        .request(methodAndPath[0], methodAndPath[1])
                        .then()
                        .body(isProblem(403, "unauthorized", containsString(origin)));
            }
        }
    }

    @Test
    void eachOriginCounts() {
        server.request()
                .header("Origin", "http://127.0.0.1:" + port(), "https://example.org")
                .get("/tasks")
                .then()
                .statusCode(403);
    }

    /** A site has a name, so an address is none; and who listens for other machines may be behind any address. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "10.1.2.3:8080, true",
        "'[fe80::1]:8080', true",
        "localhost, true",
        "lab3, true",
        "evil.example, false",
        "lab3.evil.example, false"
    })
    void aServerForOtherMachinesTakesAddresses(String host, boolean isTaken) throws Exception {
        KnownHosts hosts = KnownHosts.of(InetAddress.getByName("0.0.0.0"), List.of("lab3"));
        assertEquals(isTaken, hosts.contains(host));
    }
}
