package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code POST /tasks/<id>/cancel}. */
class CancelTaskTest {
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
    void aTaskThatWaitsIsCancelled() {
        String id = server.request().body("""
                        {"type":"mine","payloads":[1,2,3]}""").post("/tasks").path("id");
        server.request()
                .post("/tasks/" + id + "/cancel")
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("state", is("cancelled"))
                .body(
                        "progress",
                        is(Map.of("total", 3, "pending", 0, "leased", 0, "done", 0, "failed", 0, "cancelled", 3)))
                .body("error", nullValue());
        server.request()
                .get("/tasks/" + id + "/result")
                .then()
                .statusCode(409)
                .body(isProblem(409, "conflict", containsString("is cancelled and has no result")));
    }

    @Test
    void cancellingTwiceChangesNothing() {
        String id = server.request().body("""
                        {"type":"mine","payloads":[1,2,3]}""").post("/tasks").path("id");
        String first = server.request().post("/tasks/" + id + "/cancel").asString();
        server.request().post("/tasks/" + id + "/cancel").then().statusCode(200).body(is(first));
    }

    @Test
    void aTaskThatIsCompletedStaysAsItIs() {
        TestWorker worker = server.startWorker();
        String id = server.request().body("""
                            {"type":"sum_of_squares","params":{"start":1,"end":10}}""").post("/tasks?wait=30").path("id");
        server.request()
                .post("/tasks/" + id + "/cancel")
                .then()
                .statusCode(200)
                .body("state", is("completed"))
                .body("result", is(385));
        worker.close();
    }

    @Test
    void cancelOfAnUnknownTaskIsNotFound() {
        server.request()
                .post("/tasks/no-such-task/cancel")
                .then()
                .statusCode(404)
                .body(isProblem(404, "not_found", containsString("\"no-such-task\"")));
    }
}
