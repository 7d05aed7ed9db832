package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What failed in a task: its kinds in the view, and single subtasks at {@code GET /tasks/<id>/failures}. */
class TaskFailuresTest {
    private static RunningServer server;
    private static TestWorker worker;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        worker = server.startWorker((type, payload) -> {
            if (type.equals("odd_ones_fail") && payload.intValue() % 2 == 1) {
                throw new IllegalArgumentException(payload + " is odd");
            }
            return payload;
        });
    }

    @AfterAll
    static void stop() {
        worker.close();
        server.close();
    }

    private static String run(String task) {
        String id = server.request().body(task).post("/tasks").path("id");
        server.request().get("/tasks/" + id + "?wait=30").then().body("finished_at", notNullValue());
        return id;
    }

    private static String goingOn() {
        return run("""
                {"type":"odd_ones_fail","payloads":[0,1,2,3,4,5,6,7],"on_failure":"continue","max_attempts":2}""");
    }

    @Test
    void aTaskThatWentOnShowsTheKindsOfItsFailures() {
        server.request()
                .get("/tasks/" + goingOn())
                .then()
                .body("state", is("completed"))
                .body("failure_kinds.size()", is(1))
                .body("failure_kinds[0].code", is("subtask_failed"))
                .body("failure_kinds[0].message", is("# is odd"))
                .body("failure_kinds[0].attempts", is(8))
                .body("failure_kinds[0].subtasks", is(4))
                .body("failure_kinds[0].example.message", containsString("is odd"));
    }

    @Test
    void aFailedTaskDoesTooAndAListLeavesThemOut() {
        String id = run("""
                {"type":"odd_ones_fail","payloads":[1],"max_attempts":1,"labels":{"failures":"listed"}}""");
        server.request()
                .get("/tasks/" + id)
                .then()
                .body("state", is("failed"))
                .body("failure_kinds[0].example.index", is(0));
        server.request()
                .get("/tasks?label=failures=listed")
                .then()
                .body("items[0].id", is(id))
                .body("items[0].failure_kinds", nullValue());
    }

    @Test
    void eachFailedSubtaskIsListedWithWhatItsWorkerSaid() {
        String failures = "/tasks/" + goingOn() + "/failures";
        server.request()
                .get(failures)
                .then()
                .statusCode(200)
                .body("items.index", is(List.of(1, 3, 5, 7)))
                .body("items.attempts", everyItem(is(2)))
                .body("items.state", everyItem(is("failed")))
                .body("items[1].message", is("3 is odd"))
                .body("items.worker", everyItem(notNullValue()))
                .body("items[1].detail", is("java.lang.IllegalArgumentException: 3 is odd"))
                .body("dropped", is(0))
                .body("next_cursor", nullValue())
                .header("Link", nullValue());
    }

    @Test
    void pagesFollowEachOther() {
        String failures = "/tasks/" + goingOn() + "/failures";
        String next = server.request()
                .get(failures + "?limit=3")
                .then()
                .body("items.index", is(List.of(1, 3, 5)))
                .extract()
                .header("Link");
        server.request()
                .get(next.substring(1, next.indexOf('>')))
                .then()
                .body("items.index", is(List.of(7)))
                .body("next_cursor", nullValue());
    }

    /** That it will be tried again is known before the task ends. */
    @Test
    void retriedSubtasksAreListedWhileTheTaskRuns() {
        String id = server.request().body("""
                {"type":"odd_ones_fail","payloads":[1],"max_attempts":100}""").post("/tasks").path("id");
        await().until(() -> server.request().get("/tasks/" + id + "/failures").path("items[0].state"), is("retried"));
        server.request().get("/tasks/" + id).then().body("failure_kinds[0].subtasks", is(0));
        server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
        server.request().get("/tasks/" + id + "/failures").then().body("items[0].state", is("retried"));
    }

    @Test
    void whereNothingFailedThereIsNothing() {
        String id = run("{\"type\":\"mine\",\"payloads\":[1]}");
        server.request().get("/tasks/" + id).then().body("failure_kinds", nullValue());
        server.request()
                .get("/tasks/" + id + "/failures")
                .then()
                .statusCode(200)
                .body("items", empty())
                .body("dropped", is(0));
    }

    @Test
    void anUnknownTaskIsNotFoundAndACursorThatIsNoneIsRefused() {
        server.request().get("/tasks/no-such-task/failures").then().statusCode(404);
        server.request()
                .get("/tasks/" + goingOn() + "/failures?cursor=x")
                .then()
                .statusCode(400)
                .body(isProblem(
                        400,
                        "bad_message",
                        is("query parameter cursor: expected the next_cursor of another page, as it was")));
    }
}
