package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How tasks end, as {@code GET /tasks/<id>} and {@code GET /tasks/<id>/result} show it. */
class TaskResultTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        server.startWorker((type, payload) -> switch (type) {
            case "echo" -> payload;
            case "echo_even" -> {
                if (payload.intValue() % 2 == 1) {
                    throw new IllegalArgumentException(payload + " is odd");
                }
                yield payload;
            }
            default -> TestWorker.SHIPPED_TYPES.compute(type, payload);
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theAnswerOfTheClassicExampleIsRight() throws ProtocolException {
        ObjectNode task = submitAndWait("""
                {"type":"sum_of_squares","params":{"start":1,"end":1000000},"subtasks":10}""");
        assertEquals("completed", task.path("state").textValue());
        assertEquals(new BigInteger("333333833333500000"), task.path("result").bigIntegerValue());
        assertEquals(10, task.path("progress").path("done").intValue());
        assertEquals("333333833333500000", resultOf(task));
    }

    /** Sums of squares beyond 2^53, where doubles end, and beyond 2^63, where long ends. */
    @ParameterizedTest
    @CsvSource({
        "94906267, 94906268, 18014399221563113",
        "3037000500, 3037000501, 18446744080074501001",
        "-100000000000000000001, -100000000000000000000, 20000000000000000000200000000000000000001",
    })
    void wholeNumbersAreExactHoweverLarge(String start, String end, String expected) throws ProtocolException {
        ObjectNode task = submitAndWait("{\"type\":\"sum_of_squares\",\"params\":{\"start\":" + start + ",\"end\":"
                + end + "},\"subtasks\":2}");
        BigInteger from = new BigInteger(start);
        BigInteger to = new BigInteger(end);
        assertEquals(from.pow(2).add(to.pow(2)), new BigInteger(expected), "the example itself");
        assertEquals(expected, task.path("result").toString());
        assertEquals(expected, resultOf(task));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "false",
                "\"ü\\n\"",
                "1.10",
                "123456789012345678901234567890.125",
                "[]",
                "{\"a\":[1,{\"b\":null}]}"
            })
    void aResultMayBeAnyJsonValue(String value) throws ProtocolException {
        ObjectNode task = submitAndWait("{\"type\":\"echo\",\"payloads\":[" + value + "]}");
        assertEquals(value, task.path("result").path(0).toString());
        assertEquals("[" + value + "]", resultOf(task));
    }

    @Test
    void aTaskOfPayloadsNeedsNoCodeOnTheServer() throws ProtocolException {
        ObjectNode task = submitAndWait("""
                {"type":"echo","payloads":["a","b","c"],"combine":"concat"}""");
        assertEquals("\"abc\"", resultOf(task));
    }

    @Test
    void aResultThatIsNullIsAResult() throws ProtocolException {
        ObjectNode task = submitAndWait("""
                {"type":"echo","payloads":[1,2],"combine":"none"}""");
        assertEquals("completed", task.path("state").textValue());
        assertEquals("null", resultOf(task));
    }

    @Test
    void aTaskThatFailedNamesTheSubtaskItsWorkerAndItsError() throws ProtocolException {
        ObjectNode task = submitAndWait("""
                {"type":"echo_even","payloads":[0,1,2],"max_attempts":2}""");
        String id = task.path("id").textValue();
        server.request()
                .get("/tasks/" + id)
                .then()
                .statusCode(200)
                .body("state", is("failed"))
                .body("result", nullValue())
                .body("error.code", is("subtask_failed"))
                .body("error.message", containsString("1 is odd"))
                .body("error.subtask", is(1))
                .body("error.worker", is("test-worker"))
                .body("error.attempts", is(2))
                .body("progress.failed", is(1))
                .body("failed_ranges", is(List.of(List.of(1, 2))))
                .body("retries", greaterThanOrEqualTo(1));
        server.request()
                .get("/tasks/" + id + "/result")
                .then()
                .statusCode(409)
                .body(isProblem(409, "conflict", allOf(containsString(id), containsString("is failed"))));
    }

    @Test
    void aTaskThatContinuesCompletesAndNamesWhatFailed() throws ProtocolException {
        ObjectNode task = submitAndWait("""
                {"type":"echo_even","payloads":[0,1,3,4],"max_attempts":1,"on_failure":"continue"}""");
        assertEquals("completed", task.path("state").textValue());
        assertEquals("[[1,3]]", task.path("failed_ranges").toString());
        assertEquals("[0,null,null,4]", resultOf(task));
    }

    @Test
    void theResultOfATaskThatRunsIsAConflict() {
        String id = server.request().body("""
                        {"type":"sum_of_squares","params":{"start":1,"end":100000000000000},"subtasks":10000000}""").post("/tasks").path("id");
        server.request()
                .get("/tasks/" + id + "/result")
                .then()
                .statusCode(409)
                .body(isProblem(409, "conflict", containsString("once it is completed")));
        server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/result"})
    void theResultOfAnUnknownTaskIsNotFound(String what) {
        for (String id :
                List.of("019ac3d1-7c1e-7a52-9d07-3d4cf9a0b7e1", "no-such-task", "x".repeat(65), "a%20b", "a%2Fb")) {
            server.request()
                    .urlEncodingEnabled(false)
                    .get("/tasks/" + id + what)
                    .then()
                    .statusCode(404)
                    .body(isProblem(404, "not_found", containsString("there is no task")));
        }
    }

    private static ObjectNode submitAndWait(String task) throws ProtocolException {
        byte[] view = server.request()
                .body(task)
                .post("/tasks?wait=30")
                .then()
                .statusCode(202)
                .extract()
                .asByteArray();
        return Json.readObject(view, 0, view.length);
    }

    private static String resultOf(JsonNode task) {
        return server.request()
                .get("/tasks/" + task.path("id").textValue() + "/result")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }
}
