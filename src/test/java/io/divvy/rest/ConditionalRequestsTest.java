package io.divvy.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.divvy.testing.RunningServer;
import io.restassured.response.Response;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ETag} and {@code If-None-Match}: who has an answer already is told that it still holds, and nothing else. */
class ConditionalRequestsTest {
    private static final String SQUARES = """
            {"type":"sum_of_squares","params":{"start":1,"end":1000000},"subtasks":2}""";

    private final RunningServer server = RunningServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private String submit() {
        return server.request().body(SQUARES).post("/tasks").path("id");
    }

    private String finished() {
        server.startWorker();
        return server.request().body(SQUARES).post("/tasks?wait=30").path("id");
    }

    private String tag(String path) {
        return server.request().get(path).then().statusCode(200).extract().header("ETag");
    }

    private Response with(String tags, String path) {
        return server.request().header("If-None-Match", tags).get(path);
    }

    private void assertHolds(String tags, String path) {
        with(tags, path)
                .then()
                .statusCode(304)
                .header("ETag", tag(path))
                .header("Cache-Control", "no-cache")
                .header("Content-Type", nullValue())
                .body(is(emptyString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?numbers=string", "/result", "/result?numbers=string"})
    void whatHasNotChangedIsNotSentAgain(String what) {
        String path = "/tasks/" + finished() + what;
        String tag = tag(path);
        assertHolds(tag, path);
        assertHolds("\"another\", W/" + tag, path);
        assertHolds("*", path);
        with("\"another\"", path).then().statusCode(200).header("ETag", tag);
        server.request().head(path).then().statusCode(200).header("ETag", tag);
        server.request()
                .header("If-None-Match", tag)
                .head(path)
                .then()
                .statusCode(304)
                .header("ETag", tag);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.yaml", "/openapi.json"})
    void soIsTheDescriptionOfTheApi(String path) {
        assertHolds(tag(path), path);
    }

    @Test
    void eachStepOfATaskHasATagOfItsOwn() {
        String path = "/tasks/" + submit();
        Set<String> tags = new HashSet<>(Set.of(tag(path)));
        server.startWorker();
        server.request().get(path + "?wait=30").then().body("state", is("completed"));
        tags.add(tag(path));
        tags.add(tag(path + "?numbers=string"));
        tags.add(tag(path + "/result"));
        tags.add(tag(path + "/result?numbers=string"));
        assertEquals(5, tags.size(), tags::toString);
    }

    @Test
    void aTaskThatWentOnIsSent() {
        String path = "/tasks/" + submit();
        String queued = tag(path);
        assertHolds(queued, path);
        server.request().post(path + "/cancel").then().statusCode(200);
        with(queued, path).then().statusCode(200).body("state", is("cancelled"));
    }

    /** The wait is for the end of the task; the tag only says whether the body is worth sending after it. */
    @Test
    void aHeldAnswerIsHeldFirstAndComparedThen() {
        String path = "/tasks/" + submit();
        String queued = tag(path);
        with(queued, path + "?wait=0").then().statusCode(304);
        server.startWorker();
        with(queued, path + "?wait=30").then().statusCode(200).body("state", is("completed"));
    }

    /** An alias is free again once its task is deleted. */
    @Test
    void theTagOfAResultNamesTheTaskAndNotWhatThePathCallsIt() {
        String first = finished();
        String second = server.request().body(SQUARES).post("/tasks?wait=30").path("id");
        assertNotEquals(tag("/tasks/" + first + "/result"), tag("/tasks/" + second + "/result"));
    }

    @Test
    void whatIsNoBodyOfATaskHasNoTag() {
        String id = submit();
        server.request().post("/tasks/" + id + "/cancel").then().header("ETag", nullValue());
        with("*", "/tasks/" + id + "/result")
                .then()
                .statusCode(409)
                .header("ETag", nullValue())
                .body(containsString("cancelled"));
        with("*", "/tasks/no-such-task").then().statusCode(404).header("ETag", nullValue());
    }

    @Test
    void onlyWhoLooksIsToldThatNothingChanged() {
        for (String path : List.of("/tasks", "/tasks/" + submit() + "/cancel")) {
            server.request()
                    .header("If-None-Match", "*")
                    .body(path.equals("/tasks") ? SQUARES : "")
                    .post(path)
                    .then()
                    .statusCode(path.equals("/tasks") ? 202 : 200);
        }
    }
}
