package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import io.divvy.testing.RunningServer;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** People give the end of a task's id. */
class ShortTaskIdsTest {
    private static final int ID_CHARS = 36;
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
        return server.request()
                .body("{\"type\":\"mine\",\"payloads\":[1]}")
                .post("/tasks")
                .path("id");
    }

    private static String end(String id, int chars) {
        return id.substring(ID_CHARS - chars);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 12, 13, 14, 35})
    void theEndOfAnIdNamesItsTask(int chars) {
        String id = submit();
        submit();
        server.request().get("/tasks/" + end(id, chars)).then().statusCode(200).body("id", is(id));
    }

    @Test
    void allThatIsDoneWithATaskCanBeDoneByTheEndOfItsId() {
        String id = submit();
        String task = "/tasks/" + end(id, 8);
        server.request().get(task + "/explain").then().statusCode(200).body("reasons[0].reason", is("no_worker"));
        server.request()
                .post(task + "/cancel")
                .then()
                .statusCode(200)
                .body("id", is(id))
                .body("state", is("cancelled"));
        server.request().get(task + "?wait=10").then().statusCode(200).body("id", is(id));
        server.request().get(task + "/result").then().statusCode(409);
        server.request().delete(task).then().statusCode(204);
        server.request().get(task).then().statusCode(404);
        server.request().get("/tasks/" + id).then().statusCode(404);
    }

    @Test
    void capitalsMeanTheSameTask() {
        String id = submit();
        for (int chars : new int[] {8, 13, ID_CHARS}) {
            String name = end(id, chars).toUpperCase(Locale.ROOT);
            server.request().get("/tasks/" + name).then().statusCode(200).body("id", is(id));
        }
        server.request()
                .get("/tasks/" + id.toUpperCase(Locale.ROOT).replaceFirst("^.", "9"))
                .then()
                .statusCode(404);
    }

    @Test
    void aTaskThatIsNotDeletedIsNamedInFull() {
        String id = submit();
        server.request()
                .delete("/tasks/" + end(id, 8))
                .then()
                .body(isProblem(409, "conflict", startsWith("task " + id + " is not finished")));
    }

    @Test
    void lessIsNotEnough() {
        String id = submit();
        for (String name :
                new String[] {end(id, 7), id.substring(0, 8), end(id, 8).toUpperCase(Locale.ROOT) + "-"}) {
            server.request()
                    .get("/tasks/" + name)
                    .then()
                    .statusCode(404)
                    .body(isProblem(404, "not_found", containsString("there is no task")));
        }
    }
}
