package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code PATCH /tasks/<id>}. */
class PatchTaskTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String submit() {
        return server.request().body("""
                        {"type":"mine","payloads":[1,2,3],"priority":2,"labels":{"team":"a","room":"1"}}""").post("/tasks").path("id");
    }

    @Test
    void thePriorityChangesAndAllElseStays() {
        String id = submit();
        server.request()
                .body("{\"priority\":-7}")
                .patch("/tasks/" + id)
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("state", is("queued"))
                .body("priority", is(-7))
                .body("labels", is(Map.of("team", "a", "room", "1")));
        server.request().get("/tasks/" + id).then().body("priority", is(-7));
    }

    @Test
    void theLabelsAreReplacedAndListsFollow() {
        String id = submit();
        server.request()
                .contentType("application/merge-patch+json")
                .body("{\"labels\":{\"team\":\"patched\"},\"priority\":null}")
                .patch("/tasks/" + id)
                .then()
                .statusCode(200)
                .body("priority", is(2))
                .body("labels", is(Map.of("team", "patched")));
        server.request()
                .queryParam("label", "team=patched")
                .get("/tasks")
                .then()
                .body("items.id", hasItem(id));
        server.request().queryParam("label", "room=1").get("/tasks").then().body("items.id", not(hasItem(id)));
        server.request().post("/tasks/" + id + "/cancel").then().body("labels", is(Map.of("team", "patched")));
        server.request()
                .queryParam("label", "team=patched")
                .get("/tasks")
                .then()
                .body("items.id", hasItem(id));
    }

    @Test
    void aPausedTaskSaysThatItIsAndWaits() {
        String id = submit();
        server.request()
                .body("{\"paused\":true}")
                .patch("/tasks/" + id)
                .then()
                .statusCode(200)
                .body("paused", is(true))
                .body("priority", is(2));
        TestWorker worker = server.startWorker((type, payload) -> payload);
        server.request().get("/tasks/" + id + "/explain").then().body("reasons.reason", is(List.of("paused")));
        server.request().get("/tasks/" + id + "?wait=0").then().body("state", is("queued"));
        server.request()
                .body("{\"paused\":false}")
                .patch("/tasks/" + id)
                .then()
                .statusCode(200)
                .body("paused", is(false));
        server.request().get("/tasks/" + id + "?wait=30").then().body("state", is("completed"));
        worker.close();
    }

    @Test
    void aPausedTaskCanBeCancelledAndDeleted() {
        String id = submit();
        server.request().body("{\"paused\":true}").patch("/tasks/" + id).then().statusCode(200);
        server.request()
                .post("/tasks/" + id + "/cancel")
                .then()
                .body("state", is("cancelled"))
                .body("paused", is(false));
        server.request().delete("/tasks/" + id).then().statusCode(204);
    }

    /** Who submits again after a lost answer gets the task, whatever became of its priority. */
    @Test
    void theSameSubmissionUnderItsKeyIsStillTheSameTask() {
        String task = "{\"type\":\"mine\",\"payloads\":[1],\"key\":\"patched\"}";
        String id = server.request().body(task).post("/tasks").path("id");
        server.request().body("{\"priority\":9}").patch("/tasks/" + id).then().statusCode(200);
        server.request().body(task).post("/tasks").then().statusCode(200).body("id", is(id));
    }

    @Test
    void aTaskThatHasEndedIsAConflict() {
        TestWorker worker = server.startWorker();
        String id = server.request().body("""
                            {"type":"sum_of_squares","params":{"start":1,"end":10}}""").post("/tasks?wait=30").path("id");
        server.request()
                .body("{\"priority\":1}")
                .patch("/tasks/" + id)
                .then()
                .statusCode(409)
                .body(isProblem(
                        409, "conflict", is("task " + id + " is completed; only an unfinished task can be changed")));
        worker.close();
    }

    @Test
    void anUnknownTaskIsNotFound() {
        server.request()
                .body("{\"priority\":1}")
                .patch("/tasks/no-such-task")
                .then()
                .statusCode(404)
                .body(isProblem(404, "not_found", containsString("\"no-such-task\"")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"prio\":1} | task.prio: unknown field; expected only priority",
                "{\"name\":\"other\"} | task.name: unknown field; expected only priority",
                "{\"priority\":\"high\"} | task.priority: expected a whole number from -1000000 to 1000000",
                "{\"priority\":1000001} | task.priority: expected a whole number from -1000000 to 1000000",
                "{\"labels\":[1]} | task.labels: expected an object",
                "{\"labels\":{\"team\":1}} | task.labels: expected an object of at most",
                "{\"paused\":1} | task.paused: expected true or false",
                "{} | nothing is to change; expected one of priority",
                "{\"priority\":null} | nothing is to change; expected one of priority",
            })
    void aWrongPatchIsSaidToBe(String body, String detail) {
        String id = submit();
        server.request()
                .body(body)
                .patch("/tasks/" + id)
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString(detail)));
        server.request().get("/tasks/" + id).then().body("priority", is(2));
    }

    @Test
    void aByteOrderMarkBeforeAPatchIsSkipped() {
        server.request()
                .body("\ufeff{\"priority\":3}".getBytes(StandardCharsets.UTF_8))
                .patch("/tasks/" + submit())
                .then()
                .statusCode(200)
                .body("priority", is(3));
    }

    @Test
    void aPatchThatIsNoObjectIsBadJson() {
        server.request()
                .body("[1]")
                .patch("/tasks/" + submit())
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_json", containsString("expected a JSON object")));
    }
}
