package io.divvy.rest;

import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What was submitted, as views show it before and after the end of the task. */
class SubmittedInViewTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String submit(String task) {
        return server.request().body(task).post("/tasks").path("id");
    }

    @Test
    void aTaskShowsAllThatWasSubmittedAlsoOnceItHasEnded() {
        String id = submit("""
                {"type":"sum_of_squares","params":{"start":1,"end":10},"subtasks":2,"combine":"max","key":"seen",
                 "max_attempts":7,"subtask_timeout_ms":1000,"timeout_ms":60000,"on_failure":"continue"}""");
        isShown(id, "queued");
        TestWorker worker = server.startWorker();
        server.request().get("/tasks/" + id + "?wait=30").then().body("state", is("completed"));
        isShown(id, "completed");
        worker.close();
    }

    private static void isShown(String id, String state) {
        server.request()
                .get("/tasks/" + id)
                .then()
                .body("state", is(state))
                .body("key", is("seen"))
                .body("max_attempts", is(7))
                .body("subtask_timeout_ms", is(1_000))
                .body("timeout_ms", is(60_000))
                .body("on_failure", is("continue"))
                .body("input.params", is(Map.of("start", 1, "end", 10)))
                .body("input.subtasks", is(2))
                .body("input.combine", is("max"))
                .body("input.payloads", nullValue());
    }

    @Test
    void shortPayloadsStay() {
        String id = submit("{\"type\":\"mine\",\"payloads\":[\"one\",\"two\"]}");
        server.request().post("/tasks/" + id + "/cancel").then().body("input.payloads", is(2));
        server.request()
                .get("/tasks/" + id)
                .then()
                .body("state", is("cancelled"))
                .body("key", nullValue())
                .body("max_attempts", is(3))
                .body("timeout_ms", nullValue())
                .body("on_failure", is("fail"))
                .body("input.params", nullValue())
                .body("input.payloads", is(2))
                .body("input.payloads_bytes", is("[\"one\",\"two\"]".length()))
                .body("input.payload_list", is(List.of("one", "two")));
    }

    @Test
    void ofLongPayloadsTheirNumberAndSizeStay() {
        String id = submit("{\"type\":\"mine\",\"payloads\":[\"" + "x".repeat(5_000) + "\"],"
                + "\"labels\":{\"params\":\"large\"}}");
        for (int look = 0; look < 2; look++) {
            for (String path : List.of("/tasks/" + id, "/tasks?label=params=large")) {
                server.request()
                        .get(path)
                        .then()
                        .rootPath(path.contains("?") ? "items[0].input" : "input")
                        .body("payloads", is(1))
                        .body("payloads_bytes", is(5_004))
                        .body("payload_list", nullValue());
            }
            server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
        }
    }

    /** A page may have a thousand tasks. */
    @Test
    void aListLeavesOutLongParamsBeforeAndAfterTheEnd() {
        String longOne = submit(ofParams("long", 700));
        String shortOne = submit(ofParams("short", 70));
        for (int look = 0; look < 2; look++) {
            listed("long").body("items[0].id", is(longOne)).body("items[0].input", nullValue());
            listed("short").body("items[0].id", is(shortOne)).body("items[0].input.subtasks", nullValue());
            listed("short").body("items[0].input.params.texts[0].length()", is(70));
            server.request().get("/tasks/" + longOne).then().body("input.params.texts[0].length()", is(700));
            server.request().post("/tasks/" + longOne + "/cancel").then().statusCode(200);
            server.request().post("/tasks/" + shortOne + "/cancel").then().statusCode(200);
        }
    }

    private static String ofParams(String label, int chars) {
        return "{\"type\":\"word_count\",\"labels\":{\"params\":\"" + label + "\"},\"paused\":true,"
                + "\"params\":{\"texts\":[\"" + "x".repeat(chars) + "\"]}}";
    }

    private static ValidatableResponse listed(String label) {
        return server.request().get("/tasks?label=params=" + label).then().statusCode(200);
    }
}
