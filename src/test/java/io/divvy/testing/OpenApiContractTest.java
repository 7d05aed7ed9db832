package io.divvy.testing;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.divvy.protocol.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract bites: exchanges that {@code openapi.yaml} does not allow fail the test that made them. */
class OpenApiContractTest {
    private static final OpenApiContract CONTRACT = OpenApiContract.FILTER;
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final String SUBMISSION = """
            {"type":"sum_of_squares","params":{"start":1,"end":10}}""";
    private static final Map<String, String> LOCATION = Map.of("Location", "/tasks/a");
    private static final Map<String, String> TAGGED =
            Map.of("ETag", "\"a\"", "Cache-Control", "no-cache", "Vary", "Accept-Encoding");

    @Test
    void anExchangeThatTheFileDescribesPasses() {
        assertDoesNotThrow(() -> CONTRACT.require(get("/health", 200, JSON, "{\"status\":\"up\",\"tcp_port\":1}")));
        assertDoesNotThrow(() -> CONTRACT.require(get("/openapi.yaml", 200, "application/yaml", "openapi: 3.1.0")));
        assertDoesNotThrow(() -> CONTRACT.require(get("/tasks/a?wait=30&numbers=string", 200, JSON, queuedTask())));
        assertDoesNotThrow(() -> CONTRACT.require(get("/tasks/a", 404, PROBLEM, problem(404, "not_found"))));
        assertDoesNotThrow(() -> CONTRACT.require(
                exchange("POST", "/tasks", SUBMISSION, 202, JSON + "; charset=utf-8", LOCATION, queuedTask())));
        assertDoesNotThrow(() -> CONTRACT.require(
                exchange("POST", "/tasks", "{\"tipe\":1}", 422, PROBLEM, Map.of(), problem(422, "invalid_task"))));
        assertDoesNotThrow(() -> CONTRACT.require(exchange("HEAD", "/health", "", 200, JSON, Map.of(), "")));
        assertDoesNotThrow(() -> CONTRACT.require(
                exchange("OPTIONS", "/health", "", 204, "", Map.of("Allow", "GET, HEAD, OPTIONS"), "")));
        assertDoesNotThrow(() -> CONTRACT.require(exchange(
                "PUT",
                "/health",
                "",
                405,
                PROBLEM,
                Map.of("Allow", "GET, HEAD, OPTIONS"),
                problem(405, "bad_message"))));
        assertDoesNotThrow(() -> CONTRACT.require(get("/jobs", 404, PROBLEM, problem(404, "not_found"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                // A route that is not in the file.
                "/jobs              | 200 | application/json         | {}                  | no such path",
                "/tasks/a/b/c       | 200 | application/json         | {}                  | no such path",
                "/jobs              | 404 | text/html                | <h1>no</h1>         | expected application/problem+json",
                // The status.
                "/health            | 201 | application/json         | {'status':'up','tcp_port':1}     | no such status",
                "/health            | 404 | application/problem+json | {}                  | no such status",
                // The media type.
                "/health            | 200 | text/plain               | up                  | has no text/plain there",
                "/health            | 200 | application/problem+json | {'status':'up','tcp_port':1}     | has no application/problem+json there",
                "/health            | 200 | none                     | {'status':'up','tcp_port':1}     | has no  there",
                "/tasks/a           | 404 | application/json         | {}                  | expected application/problem+json",
                // The body.
                "/health            | 200 | application/json         | {'status':'down','tcp_port':1} | does not fit",
                "/health            | 200 | application/json         | {'status':'up','tcp_port':1,'a':1} | does not fit",
                "/health            | 200 | application/json         | {}                  | does not fit",
                "/health            | 200 | application/json         | []                  | does not fit",
                "/health            | 200 | application/json         | up                  | not JSON",
                "/tasks/a           | 200 | application/json         | {'id':'a'}          | does not fit",
                "/tasks/a           | 404 | application/problem+json | {'status':404}      | does not fit",
                // The query of what was taken.
                "/tasks/a?wait=soon | 200 | application/json         | none                | query parameter wait",
                "/tasks/a?wait=301  | 200 | application/json         | none                | query parameter wait",
                "/tasks/a?wiat=30   | 200 | application/json         | none                | no such parameter",
                "/tasks/a?numbers   | 200 | application/json         | none                | query parameter numbers",
            })
    void anAnswerThatTheFileDoesNotAllowFails(String uri, int status, String type, String body, String why) {
        String json = body == null ? queuedTask() : body.replace('\'', '"');
        assertFails(get(uri, status, type == null ? "" : type, json), why);
    }

    @Test
    void aProblemWithAnotherStatusThanItsAnswerFails() {
        assertFails(get("/tasks/a", 404, PROBLEM, problem(400, "not_found")), "says that the status is 400");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'tipe':'sum_of_squares'}                                | does not fit",
                "{'type':'sum_of_squares','max_atempts':3}                | does not fit",
                "{'type':'sum_of_squares','subtasks':0}                   | does not fit",
                "{'type':'sum_of_squares','combine':'median'}             | does not fit",
                "[]                                                       | does not fit",
                "''                                                       | requires a body",
            })
    void aRequestThatTheFileDoesNotAllowFailsIfTheServerTookIt(String body, String why) {
        String json = body.equals("''") ? "" : body.replace('\'', '"');
        assertFails(exchange("POST", "/tasks", json, 202, JSON, LOCATION, queuedTask()), why);
    }

    @Test
    void aRequestBodyThatTheFileDoesNotDescribeFails() {
        assertFails(
                exchange("POST", "/tasks/a/cancel", "{}", 200, JSON, Map.of(), queuedTask()),
                "request: openapi.yaml has no application/json there");
    }

    @Test
    void aMissingOrWrongResponseHeaderFails() {
        assertFails(exchange("POST", "/tasks", SUBMISSION, 202, JSON, Map.of(), queuedTask()), "header Location");
        for (String retryAfter : new String[] {"0", "soon"}) {
            assertFails(
                    exchange(
                            "GET", "/ready", "", 503, PROBLEM, Map.of("Retry-After", retryAfter), problem(503, "busy")),
                    "header Retry-After");
        }
    }

    @Test
    void aHeaderThatMayBeLeftOutMayNotBeWrong() {
        String page = "{\"items\":[],\"next_cursor\":null}";
        assertDoesNotThrow(() -> CONTRACT.require(get("/tasks", 200, JSON, page)));
        assertFails(exchange("GET", "/tasks", "", 200, JSON, Map.of("Link", "/tasks"), page), "header Link");
    }

    @Test
    void aHeaderThatTellsOfTheBodyAndIsNotInTheFileFails() {
        assertFails(
                exchange(
                        "GET", "/health", "", 200, JSON, Map.of("ETag", "\"a\""), "{\"status\":\"up\",\"tcp_port\":1}"),
                "has no header ETag there");
    }

    @Test
    void aPartOfAJsonTextNeedNotBeJson() {
        Map<String, String> headers = new TreeMap<>(TAGGED);
        headers.putAll(Map.of("Content-Length", "3", "Accept-Ranges", "bytes", "Content-Range", "bytes 0-2/9"));
        assertDoesNotThrow(() -> CONTRACT.require(exchange("GET", "/tasks/a/result", "", 206, JSON, headers, "[1,")));
    }

    @Test
    void anAnswerToAMethodThatIsNotInTheFileFailsUnlessItIs405WithAllow() {
        Map<String, String> allow = Map.of("Allow", "GET, HEAD, OPTIONS");
        assertFails(
                exchange("DELETE", "/health", "", 200, JSON, allow, "{\"status\":\"up\",\"tcp_port\":1}"),
                "expected 405");
        assertFails(exchange("DELETE", "/health", "", 405, PROBLEM, Map.of(), problem(405, "bad_message")), "Allow");
        assertFails(exchange("HEAD", "/tasks/a/cancel", "", 200, JSON, Map.of("Allow", "POST, OPTIONS"), ""), "405");
        assertFails(exchange("OPTIONS", "/health", "", 200, JSON, allow, "{}"), "expected 204");
        assertFails(exchange("OPTIONS", "/health", "", 204, "", Map.of("Allow", "GET"), ""), "expected Allow");
    }

    @Test
    void aHeadAnswerWithABodyOrAnotherTypeThanGetFails() {
        assertFails(
                exchange("HEAD", "/health", "", 200, JSON, Map.of(), "{\"status\":\"up\",\"tcp_port\":1}"),
                "expected no body");
        assertFails(exchange("HEAD", "/health", "", 200, "text/plain", Map.of(), ""), "has no text/plain");
    }

    @Test
    void routesThatAreOnlyInTheServerOrOnlyInTheFileFail() {
        Set<String> routes = new TreeSet<>();
        CONTRACT.document()
                .get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(method -> routes.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertDoesNotThrow(() -> CONTRACT.requireOperations(routes));

        Set<String> oneMore = new TreeSet<>(routes);
        oneMore.add("GET /jobs");
        AssertionError more = assertThrows(AssertionError.class, () -> CONTRACT.requireOperations(oneMore));
        assertTrue(more.getMessage().endsWith("does not have what is served: [GET /jobs]"), more.getMessage());

        Set<String> oneLess = new TreeSet<>(routes);
        oneLess.remove("GET /health");
        AssertionError less = assertThrows(AssertionError.class, () -> CONTRACT.requireOperations(oneLess));
        assertTrue(less.getMessage().endsWith("has what is not served: [GET /health]"), less.getMessage());
    }

    /** The same through REST Assured, as the tests use it. */
    @Test
    void theFilterThrowsWhereARequestGetsAnAnswerThatDoesNotFit() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", request -> {
            byte[] body = "{\"status\":\"down\"}".getBytes(StandardCharsets.UTF_8);
            request.getResponseHeaders().add("Content-Type", JSON);
            request.sendResponseHeaders(200, body.length);
            request.getResponseBody().write(body);
            request.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/health";
            assertDoesNotThrow(() -> given().get(url));
            AssertionError error = assertThrows(
                    AssertionError.class, () -> given().filter(CONTRACT).get(url));
            assertTrue(error.getMessage().contains("/health -> 200 does not fit openapi.yaml"), error.getMessage());
        } finally {
            server.stop(0);
        }
    }

    /** A parameter that may come several times is described as an array. */
    @Test
    void eachValueOfARepeatedParameterIsHeldAgainstItsSchema() {
        JsonNode document = CONTRACT.document().deepCopy();
        ObjectNode health = (ObjectNode) document.at("/paths/~1health/get");
        health.withArray("parameters")
                .addObject()
                .put("name", "label")
                .put("in", "query")
                .putObject("schema")
                .put("type", "array")
                .putObject("items")
                .put("type", "string")
                .put("minLength", 1);
        OpenApiContract contract = new OpenApiContract(document);
        String up = "{\"status\":\"up\",\"tcp_port\":1}";
        assertDoesNotThrow(() -> contract.require(get("/health?label=a&label=7", 200, JSON, up)));
        assertThrows(AssertionError.class, () -> contract.require(get("/health?label=a&label=", 200, JSON, up)));
    }

    private static void assertFails(HttpExchange exchange, String why) {
        AssertionError error = assertThrows(AssertionError.class, () -> CONTRACT.require(exchange));
        assertTrue(error.getMessage().contains(why), error.getMessage());
    }

    private static HttpExchange get(String uri, int status, String type, String body) {
        boolean isTagged = status == 200 && uri.matches("/(tasks/|openapi).*");
        return exchange("GET", uri, "", status, type, isTagged ? TAGGED : Map.of(), body);
    }

    private static HttpExchange exchange(
            String method,
            String uri,
            String requestBody,
            int status,
            String type,
            Map<String, String> headers,
            String body) {
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(headers);
        if (!type.isEmpty()) {
            all.put("Content-Type", type);
        }
        return new HttpExchange(
                method,
                URI.create(uri),
                requestBody.getBytes(StandardCharsets.UTF_8),
                status,
                all,
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static String queuedTask() {
        return CONTRACT.document().at("/components/examples/QueuedTask/value").toString();
    }

    private static String problem(int status, String code) {
        return Json.MAPPER
                .createObjectNode()
                .put("type", "about:blank")
                .put("title", "A title")
                .put("status", status)
                .put("code", code)
                .put("detail", "what was wrong")
                .toString();
    }
}
