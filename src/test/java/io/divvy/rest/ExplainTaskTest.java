package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.testing.RunningServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code GET /tasks/<id>/explain}. */
class ExplainTaskTest {
    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String submit(String task) {
        return server.request().body(task).post("/tasks").path("id");
    }

    private List<String> reasons(String id) {
        return server.request()
                .get("/tasks/" + id + "/explain")
                .then()
                .statusCode(200)
                .body("id", is(id))
                .extract()
                .path("reasons.reason");
    }

    @Test
    void aTaskThatNoWorkerTakesIsExplainedByThat() {
        String id = submit("{\"type\":\"mine\",\"payloads\":[1]}");
        server.request()
                .get("/tasks/" + id + "/explain")
                .then()
                .statusCode(200)
                .body("state", is("queued"))
                .body("reasons", hasSize(1))
                .body("reasons[0].reason", is("no_worker"))
                .body("reasons[0].message", is("no worker that takes mine is connected; start one"));
    }

    @Test
    void aRunningTaskIsExplainedByItsHoldersAndWhatWaits() {
        CountDownLatch end = new CountDownLatch(1);
        server.startWorker((type, payload) -> {
            end.await();
            return payload;
        });
        String running = submit("{\"type\":\"mine\",\"payloads\":[1,2,3,4,5,6,7,8]}");
        String urgent = submit("{\"type\":\"mine\",\"payloads\":[1],\"priority\":5}");
        String waiting = submit("{\"type\":\"mine\",\"payloads\":[1]}");
        await().until(() ->
                reasons(running).equals(List.of("running", "waiting_for_credit", "behind_higher_priority")));
        server.request()
                .get("/tasks/" + running + "/explain")
                .then()
                .body("state", is("running"))
                .body("reasons[0].held_by", is(List.of(Map.of("id", "1", "name", "test-worker", "subtasks", 2))))
                .body("reasons[0].message", is("2 subtasks with 1 worker: test-worker (2)"))
                .body("reasons[1].message", is("the one worker that takes mine is busy"))
                .body("reasons[1].workers", is(1))
                .body("reasons[2].tasks", is(1))
                .body(
                        "reasons[2].message",
                        is("1 task of higher priority is served first: its priority is 5, this one's is 0"));
        assertEquals(List.of("waiting_for_credit"), reasons(urgent));
        assertEquals(List.of("waiting_for_credit", "behind_higher_priority"), reasons(waiting));
        end.countDown();
        server.request().get("/tasks/" + waiting + "?wait=30").then().body("state", is("completed"));
        assertEquals(List.of("finished"), reasons(waiting));
    }

    @Test
    void aFinishedTaskIsExplainedAsFinished() {
        String id = submit("{\"type\":\"mine\",\"payloads\":[1]}");
        server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
        server.request()
                .get("/tasks/" + id + "/explain")
                .then()
                .statusCode(200)
                .body("state", is("cancelled"))
                .body("reasons", hasSize(1))
                .body("reasons[0].reason", is("finished"))
                .body("reasons[0].message", is("the task is cancelled"));
    }

    @Test
    void explainOfAnUnknownTaskIsNotFound() {
        server.request()
                .get("/tasks/no-such-task/explain")
                .then()
                .statusCode(404)
                .body(isProblem(404, "not_found", containsString("\"no-such-task\"")));
    }

    @Test
    void aQueryParameterIsRefused() {
        server.request()
                .get("/tasks/no-such-task/explain?verbose=true")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("\"verbose\": unknown")));
    }
}
