package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.RunningServer;
import java.net.InetAddress;
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
                    .body(isProblem(421, "bad_message", containsString("--allow-host")));
        }
        server.request()
                .header("Host", host)
                .body("{}")
                .post("/tasks")
                .then()
                .body(isProblem(421, "bad_message", containsString(host)));
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
            for (String path : List.of("/tasks", "/nothing")) {
                server.request()
                        .header("Origin", origin)
                        .get(path)
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
