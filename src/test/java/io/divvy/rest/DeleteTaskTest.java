package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.divvy.testing.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code DELETE /tasks/<id>}. */
class DeleteTaskTest {
    private static final String TASK = "{\"type\":\"mine\",\"payloads\":[1],\"key\":\"the key\"}";
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
    void aFinishedTaskIsForgottenWithItsKey() {
        String id = server.request().body(TASK).post("/tasks").path("id");
        server.request()
                .delete("/tasks/" + id)
                .then()
                .statusCode(409)
                .body(isProblem(409, "conflict", allOf(containsString("is not finished"), containsString("/cancel"))));
        server.request().get("/tasks/" + id).then().statusCode(200).body("state", is("queued"));

        server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
        server.request().delete("/tasks/" + id).then().statusCode(204);

        for (String path : new String[] {"/tasks/" + id, "/tasks/" + id + "/result", "/tasks/" + id + "/explain"}) {
            server.request().get(path).then().statusCode(404);
        }
        server.request().get("/tasks?state=cancelled").then().body("items", hasSize(0));
        server.request().delete("/tasks/" + id).then().statusCode(404);
        String again = server.request()
                .body(TASK)
                .post("/tasks")
                .then()
                .statusCode(202)
                .body("id", not(is(id)))
                .extract()
                .path("id");
        server.request().post("/tasks/" + again + "/cancel").then().statusCode(200);
        server.request().delete("/tasks/" + again).then().statusCode(204);
    }

    @Test
    void deleteOfAnUnknownTaskIsNotFound() {
        server.request()
                .delete("/tasks/no-such-task")
                .then()
                .statusCode(404)
                .body(isProblem(404, "not_found", containsString("\"no-such-task\"")));
    }

    @Test
    void aQueryParameterIsRefused() {
        server.request()
                .delete("/tasks/no-such-task?force=true")
                .then()
                .statusCode(400)
                .body(isProblem(400, "bad_message", containsString("\"force\": unknown; expected none")));
    }
}
