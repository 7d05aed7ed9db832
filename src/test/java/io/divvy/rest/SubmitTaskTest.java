package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.testing.RunningServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /tasks}. */
class SubmitTaskTest {
    private static final String SQUARES = """
            {"type":"sum_of_squares","params":{"start":1,"end":1000},"subtasks":4}""";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aTaskMayBeToBeginLater() {
        String id = server.request()
                .body("""
                        {"type":"mine","payloads":[1],"not_before":"2100-01-01T00:00:00+01:00","paused":true}""")
                .post("/tasks")
                .then()
                .statusCode(202)
                .body("state", is("queued"))
                .body("not_before", is("2099-12-31T23:00:00Z"))
                .body("paused", is(true))
                .extract()
                .path("id");
        server.request()
                .get("/tasks/" + id + "/explain")
                .then()
                .body("reasons.reason", is(List.of("not_before", "paused")))
                .body("reasons[0].until", is("2099-12-31T23:00:00Z"));
        server.request().post("/tasks/" + id + "/cancel").then().body("not_before", nullValue());
    }

    /** A relative time becomes another one each time that it is submitted. */
    @Test
    void whenATaskIsToBeginDoesNotTellItFromAnother() {
        String task = "{\"type\":\"mine\",\"payloads\":[1],\"key\":\"later\",\"not_before\":\"%s\"}";
        String id = server.request()
                .body(String.format(task, "2100-01-01T00:00:00Z"))
                .post("/tasks")
                .path("id");
        server.request()
                .body(String.format(task, "2100-01-01T00:00:01Z"))
                .post("/tasks")
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("not_before", is("2100-01-01T00:00:00Z"));
    }

    @Test
    void aNewTaskIsAcceptedAndSaysWhereItIs() {
        String id = server.request()
                .body("""
                        {"type":"sum_of_squares","params":{"start":1,"end":1000000},"priority":-7,
                         "name":"squares","labels":{"team":"research"}}""")
                .post("/tasks")
                .then()
                .statusCode(202)
                .header("Location", matchesPattern("/tasks/[0-9a-f-]{36}"))
                .body("type", is("sum_of_squares"))
                .body("state", is("queued"))
                .body("name", is("squares"))
                .body("labels", is(Map.of("team", "research")))
                .body("priority", is(-7))
                .body(
                        "progress",
                        is(Map.of("total", 10, "pending", 10, "leased", 0, "done", 0, "failed", 0, "cancelled", 0)))
                .body("result", nullValue())
                .body("error", nullValue())
                .body("finished_at", nullValue())
                .body("submitted_at", matchesPattern("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z"))
                .extract()
                .path("id");
        server.request().get("/tasks/" + id).then().statusCode(200).body("id", is(id));
    }

    @Test
    void theLocationLeadsToTheTask() {
        String location = server.request().body(SQUARES).post("/tasks").header("Location");
        server.request().get(location).then().statusCode(200).body("type", is("sum_of_squares"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "text/plain", "application/json; charset=UTF-8"})
    void theBodyIsReadAsJsonWhateverItsContentType(String contentType) {
        server.request()
                .config(ProblemMatchers.sendingBodiesAsTheyAre())
                .contentType(contentType)
                .body(SQUARES)
                .post("/tasks")
                .then()
                .statusCode(202);
    }

    @Test
    void aWebPageOfAnotherOriginSubmitsNothing() {
        for (String origin : List.of("https://example.org", "null", "http://127.0.0.1:1")) {
            server.request()
                    .header("Origin", origin)
                    .body(SQUARES)
                    .post("/tasks")
                    .then()
                    .statusCode(403)
                    .body(isProblem(403, "unauthorized", containsString(origin)));
        }
        String own = "http://127.0.0.1:" + server.httpAddress().getPort();
        server.request()
                .header("Origin", own)
                .body(SQUARES)
                .post("/tasks")
                .then()
                .statusCode(202);
    }

    @Test
    void theSameKeyWithTheSameTaskIsTheSameTask() {
        String id = submitWithKey("key-1", SQUARES, 202);
        String inBody = """
                {"type":"sum_of_squares","params":{"end":1000,"start":1},"subtasks":4,"key":"key-1",
                 "max_attempts":3,"name":"another name, the same task"}""";
        assertAll(
                () -> assertEquals(id, submitWithKey("key-1", SQUARES, 200)),
                () -> assertEquals(id, submitWithKey("key-1", inBody, 200)),
                () -> server.request()
                        .body(inBody)
                        .post("/tasks")
                        .then()
                        .statusCode(200)
                        .body("id", is(id)));
    }

    private static String submitWithKey(String key, String task, int expectedStatus) {
        return server.request()
                .header("Idempotency-Key", key)
                .body(task)
                .post("/tasks")
                .then()
                .statusCode(expectedStatus)
                .extract()
                .path("id");
    }

    @Test
    void aDefaultOfTheTaskTypeMayAlsoBeSaid() {
        String id = submitWithKey("key-4", """
                {"type":"sum_of_squares","params":{"start":1,"end":1000}}""", 202);
        assertEquals(id, submitWithKey("key-4", """
                {"type":"sum_of_squares","params":{"start":1,"end":1000},"subtasks":10}""", 200));
    }

    @Test
    void theSameKeyWithAnotherTaskIsAConflict() {
        String id = submitWithKey("key-2", SQUARES, 202);
        server.request()
                .header("Idempotency-Key", "key-2")
                .body("""
                        {"type":"sum_of_squares","params":{"start":1,"end":1001},"subtasks":4}""")
                .post("/tasks")
                .then()
                .body(isProblem(409, "conflict", allOf(containsString("key"), containsString(id))))
                .statusCode(409);
    }

    @Test
    void twoDifferentKeysAtOnceAreRefused() {
        server.request()
                .header("Idempotency-Key", "one")
                .body("""
                        {"type":"sum_of_squares","params":{"start":1,"end":2},"key":"another"}""")
                .post("/tasks")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("Idempotency-Key")));
    }

    @Test
    void aKeyIsOfOneTo200Characters() {
        server.request()
                .header("Idempotency-Key", "k".repeat(201))
                .body(SQUARES)
                .post("/tasks")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("1 to 200 characters, got 201 characters")));
        server.request()
                .header("Idempotency-Key", "a", "b")
                .body(SQUARES)
                .post("/tasks")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("got it 2 times")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "''                                    | expected a JSON object, got nothing",
                "null                                  | expected a JSON object, got null",
                "[]                                    | expected a JSON object, got an array",
                "\"text\"                              | expected a JSON object, got \"text\"",
                "{\"type\":                            | not JSON at byte",
                "type=sum_of_squares                   | not JSON at byte",
                "{\"type\":\"a\"} {}                   | not JSON",
                "{\"type\":\"a\",\"type\":\"b\"}       | the field \"type\" is there twice",
            })
    void aBodyThatIsNotAJsonObjectIsRefused(String body, String detail) {
        server.request()
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post("/tasks")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_json", containsString(detail)));
    }

    @Test
    void aByteOrderMarkBeforeTheBodyIsSkipped() {
        server.request()
                .body("\ufeff{\"type\":\"mine\",\"payloads\":[]}".getBytes(StandardCharsets.UTF_8))
                .post("/tasks")
                .then()
                .statusCode(202);
    }

    @Test
    void aNumberOfTooManyDigitsIsRefusedWithTheLimit() {
        server.request()
                .body("{\"type\":\"mine\",\"payloads\":[" + "9".repeat(1_001) + "]}")
                .post("/tasks")
                .then()
                .statusCode(400)
                .body(isProblem(
                        400,
                        "bad_json",
                        containsString("a number has 1001 digits; expected at most 1000, the limit \"digits of one")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                          | task.type: missing",
                "{'type':7}                                                  | task.type: expected a string of",
                "{'type':'a b','payloads':[1]}                               | task.type: expected a string of",
                "{'type':'sum_of_squares','params':[1,2]}                    | task.params: expected an object, got an array",
                "{'type':'sum_of_squares'}                                   | params.start: expected a whole number, got nothing",
                "{'type':'sum_of_squares','params':{'start':1}}              | params.end: expected a whole number, got nothing",
                "{'type':'sum_of_squares','params':{'start':'1','end':2}}    | params.start: expected a whole number, got \"1\"",
                "{'type':'sum_of_squares','params':{'start':1.5,'end':2}}    | params.start: expected a whole number, got 1.5",
                "{'type':'sum_of_squares','params':{'start':2,'end':1}}      | params.end: expected at least start",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'max_atempts':5}   | task.max_atempts: unknown field",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'subtasks':0}      | task.subtasks: expected a whole number from 1",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'subtasks':'10'}   | task.subtasks: expected a whole number",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'priority':1e400}  | task.priority: expected a whole number",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'combine':'median'}    | task.combine: expected one of",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'on_failure':'retry'}  | task.on_failure: expected one of",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'labels':{'a':1}}      | task.labels: expected an object of",
                "{'type':'sum_of_squares','params':{'start':1,'end':2},'key':''}              | task.key: expected a string of 1 to 200",
                "{'type':'mine','payloads':{}}                               | task.payloads: expected an array of payloads",
                "{'type':'monte_carlo_pi','params':{'samples':0,'seed':1}}   | params.samples: expected a whole number from 1",
                "{'type':'mine','payloads':[1],'subtasks':2}                 | task.payloads: expected no params and no subtasks",
            })
    void aTaskThatBreaksARuleIsRefusedAndTheFieldNamed(String task, String detail) {
        server.request()
                .body(task.replace('\'', '"'))
                .post("/tasks")
                .then()
                .statusCode(422)
                .body(isProblem(422, "invalid_task", containsString(detail)));
    }

    @Test
    void anUnknownTypeIsRefusedAndTheKnownOnesAreNamed() {
        server.request()
                .body("""
                        {"type":"sum_of_cubes","params":{"start":1,"end":2}}""")
                .post("/tasks")
                .then()
                .statusCode(422)
                .body(isProblem(
                        422,
                        "unknown_task_type",
                        allOf(containsString("\"sum_of_cubes\""), containsString("sum_of_squares"))));
    }

    @Test
    void aBodyOverTheLimitIsRefused() {
        String padding = " ".repeat(ProtocolLimits.MAX_FRAME_BYTES + 1 - SQUARES.length());
        server.request()
                .body(SQUARES + padding)
                .post("/tasks")
                .then()
                .statusCode(413)
                .body(isProblem(413, "limit_exceeded", containsString("at most 4194304 bytes")));
        server.request()
                .body(SQUARES + padding.substring(1))
                .post("/tasks")
                .then()
                .statusCode(202);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wiat=30", "wait=30&verbose=true"})
    void anUnknownQueryParameterIsRefusedAndNamed(String query) {
        server.request()
                .body(SQUARES)
                .post("/tasks?" + query)
                .then()
                .statusCode(400)
                .body(isProblem(
                        400,
                        "bad_message",
                        allOf(
                                anyOf(containsString("\"wiat\""), containsString("\"verbose\"")),
                                containsString("expected only wait, numbers"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "301", "1.5", "30s", "99999999999", "0x10", " 1", "٣"})
    void aWaitThatIsNotAFewSecondsIsRefused(String wait) {
        server.request()
                .queryParam("wait", wait)
                .body(SQUARES)
                .post("/tasks")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("expected whole seconds from 0 to 300")));
    }

    @Test
    void aWaitThatIsGivenTwiceIsRefused() {
        server.request()
                .body(SQUARES)
                .post("/tasks?wait=1&wait=2")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", equalTo("query parameter wait: expected once, got it 2 times")));
    }

    @Test
    void aRefusedTaskLeavesNothingBehind() {
        server.request()
                .header("Idempotency-Key", "key-3")
                .body("""
                        {"type":"sum_of_squares","params":{"start":2,"end":1}}""")
                .post("/tasks")
                .then()
                .statusCode(422);
        server.request()
                .header("Idempotency-Key", "key-3")
                .body(SQUARES)
                .post("/tasks")
                .then()
                .statusCode(202)
                .body("id", not(nullValue()));
    }
}
