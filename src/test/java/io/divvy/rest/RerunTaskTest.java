package io.divvy.rest;

import static io.divvy.rest.ProblemMatchers.isProblem;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.TaskStore;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import io.restassured.response.ValidatableResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /tasks/<id>/rerun}: a finished task is run again, and what was done of it is not. */
@Timeout(60)
class RerunTaskTest {
    private static final String TEN = "\"payloads\":[0,1,2,3,4,5,6,7,8,9]";

    @TempDir
    Path folder;

    private RunningServer server;
    /** What the worker cannot do yet. */
    private final Set<Integer> broken = ConcurrentHashMap.newKeySet();

    private final Queue<Integer> computed = new ConcurrentLinkedQueue<>();

    private void startOnDisk() throws Exception {
        start(SqliteStore.open(folder, Retention.DEFAULT));
    }

    private void start(TaskStore store) {
        server = RunningServer.start(RestLimits.DEFAULT, store);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void startWorker() {
        server.startWorker((type, payload) -> {
            if (broken.contains(payload.intValue())) {
                throw new IllegalArgumentException(payload + " does not work");
            }
            computed.add(payload.intValue());
            return payload;
        });
    }

    private String submit(String task) {
        return server.request()
                .body(task)
                .post("/tasks")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private String ended(String id, String state) {
        server.request().get("/tasks/" + id + "?wait=30").then().body("state", is(state));
        return id;
    }

    private ValidatableResponse rerun(String id) {
        return server.request().post("/tasks/" + id + "/rerun").then();
    }

    private void assertResult(String id, JsonNode right) {
        server.request().get("/tasks/" + id + "?wait=30").then().body("state", is("completed"));
        assertEquals(
                right.toString(),
                server.request().get("/tasks/" + id + "/result").asString());
    }

    private static JsonNode list(IntStream numbers) {
        return Json.MAPPER.valueToTree(numbers.toArray());
    }

    @Test
    void onlyWhatFailedIsRunAgain() throws Exception {
        startOnDisk();
        startWorker();
        broken.addAll(List.of(3, 7));
        String first = ended(
                submit("{\"type\":\"mine\"," + TEN + ",\"on_failure\":\"continue\",\"max_attempts\":1,\"priority\":4,"
                        + "\"name\":\"n\",\"key\":\"k\",\"labels\":{\"team\":\"a\"}}"),
                "completed");
        computed.clear();
        broken.clear();
        String second = rerun(first)
                .statusCode(202)
                .header("Location", not(endsWith(first)))
                .body("progress.total", is(10))
                .body("priority", is(4))
                .body("name", is("n"))
                .body("labels", is(Map.of("team", "a")))
                .body("max_attempts", is(1))
                .body("key", nullValue())
                .extract()
                .path("id");
        assertResult(second, list(IntStream.range(0, 10)));
        assertEquals(List.of(3, 7), computed.stream().sorted().toList());
        server.request().get("/tasks/" + first).then().body("progress.failed", is(2));
    }

    @Test
    void howMuchIsDoneShowsAtOnce() throws Exception {
        startOnDisk();
        startWorker();
        broken.add(9);
        String first = ended(
                submit("{\"type\":\"mine\"," + TEN + ",\"on_failure\":\"continue\",\"max_attempts\":1,"
                        + "\"combine\":\"collect\"}"),
                "completed");
        stopWorkers();
        rerun(first)
                .body("state", is("queued"))
                .body("taken_over", is(9))
                .body("progress.done", is(9))
                .body("progress.pending", is(1));
    }

    private void stopWorkers() throws Exception {
        server.close();
        startOnDisk(); // What is kept is there after a restart, too.
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"sum, 45, true", "min, 0, true", "count, 10, false", "collect, '[0,1,2,3,4,5,6,7,8,9]', false"})
    void theAnswerIsTheSameHoweverItIsCombined(String combine, String right, boolean isWhole) throws Exception {
        startOnDisk();
        startWorker();
        broken.addAll(List.of(0, 5));
        String first = ended(
                submit("{\"type\":\"mine\"," + TEN + ",\"on_failure\":\"continue\",\"max_attempts\":1,\"combine\":\""
                        + combine + "\"}"),
                "completed");
        broken.clear();
        computed.clear();
        String second = rerun(first).statusCode(202).extract().path("id");
        ended(second, "completed");
        assertEquals(right, server.request().get("/tasks/" + second + "/result").asString());
        // What is added up in order leaves no room in between for a result that comes later.
        List<Integer> again = isWhole ? IntStream.range(0, 10).boxed().toList() : List.of(0, 5);
        assertEquals(again, computed.stream().sorted().toList());
    }

    @Test
    void aFailedTaskGoesOnWhereItFailed() throws Exception {
        startOnDisk();
        startWorker();
        broken.add(9);
        String first = ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1}"), "failed");
        broken.clear();
        computed.clear();
        String second = rerun(first).statusCode(202).extract().path("id");
        assertResult(second, list(IntStream.range(0, 10)));
        assertEquals(List.of(9), List.copyOf(computed));
    }

    @Test
    void aRerunCanFailAndBeRunAgain() throws Exception {
        startOnDisk();
        startWorker();
        broken.addAll(List.of(2, 4));
        String first = ended(
                submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1,\"on_failure\":\"continue\"}"), "completed");
        broken.remove(2);
        String second = ended(rerun(first).extract().path("id"), "completed");
        server.request().get("/tasks/" + second).then().body("progress.failed", is(1));
        broken.clear();
        computed.clear();
        assertResult(rerun(second).extract().path("id"), list(IntStream.range(0, 10)));
        assertEquals(List.of(4), List.copyOf(computed));
    }

    @Test
    void aCancelledTaskThatNobodyBeganIsRunAsAWhole() throws Exception {
        startOnDisk();
        String first = submit("{\"type\":\"mine\"," + TEN + "}");
        server.request().post("/tasks/" + first + "/cancel").then().body("state", is("cancelled"));
        String second = rerun(first).body("taken_over", is(0)).extract().path("id");
        startWorker();
        assertResult(second, list(IntStream.range(0, 10)));
    }

    /** What it found once may not be the first any more. */
    @Test
    void aTaskThatEndsEarlyIsRunAsAWhole() throws Exception {
        startOnDisk();
        startWorker();
        broken.add(0);
        String first =
                ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1,\"combine\":\"first\"}"), "failed");
        broken.clear();
        String second = rerun(first).extract().path("id");
        ended(second, "completed");
        assertEquals("0", server.request().get("/tasks/" + second + "/result").asString());
    }

    @Test
    void aServerThatKeepsAllInMemoryRunsItAsAWhole() {
        start(new MemoryStore(Retention.DEFAULT));
        startWorker();
        broken.add(9);
        String first = ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1}"), "failed");
        broken.clear();
        String second = rerun(first).statusCode(202).extract().path("id");
        assertResult(second, list(IntStream.range(0, 10)));
        assertEquals(19, computed.size());
    }

    @Test
    void aTaskWithoutFailuresIsRunAgainAsAWholeIfItWasShort() throws Exception {
        startOnDisk();
        server.startWorker(
                (type, payload) -> type.equals("mine") ? payload : TestWorker.SHIPPED_TYPES.compute(type, payload));
        String first = ended(submit("{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":10}}"), "completed");
        assertResult(rerun(first).statusCode(202).extract().path("id"), Json.MAPPER.valueToTree(385));
        String list = ended(submit("{\"type\":\"mine\"," + TEN + "}"), "completed");
        assertResult(rerun(list).statusCode(202).extract().path("id"), list(IntStream.range(0, 10)));
        String longList = ended(
                submit("{\"type\":\"mine\",\"payloads\":" + list(IntStream.range(1_000_000, 1_001_000)) + "}"),
                "completed");
        rerun(longList).body(isProblem(409, "conflict", containsString("are not kept after that")));
    }

    @Test
    void askedForTwiceUnderOneKeyItIsOneTask() throws Exception {
        startOnDisk();
        startWorker();
        broken.add(9);
        String first = ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1}"), "failed");
        String second = rerun(first, "again")
                .statusCode(202)
                .body("key", is("again"))
                .extract()
                .path("id");
        rerun(first, "again").statusCode(200).body("id", is(second)).body("taken_over", nullValue());
        ended(second, "failed");
        rerun(first, "again").statusCode(200).body("id", is(second)).body("state", is("failed"));
        String other = ended(submit("{\"type\":\"mine\",\"payloads\":[9],\"max_attempts\":1}"), "failed");
        rerun(other, "again").body(isProblem(409, "conflict", containsString(second)));
    }

    @Test
    void aRetryIsAnsweredAlsoOnceTheFirstIsDeleted() throws Exception {
        startOnDisk();
        startWorker();
        broken.add(9);
        String first = ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1}"), "failed");
        String second = rerun(first, "again").statusCode(202).extract().path("id");
        ended(second, "failed");
        String waiting = submit("{\"type\":\"mine\"," + TEN + ",\"key\":\"waiting\",\"paused\":true}");
        server.request().delete("/tasks/" + first).then().statusCode(204);
        rerun(first, "again").statusCode(200).body("id", is(second)).body("state", is("failed"));
        String end = first.substring(first.length() - 8);
        rerun(end, "again").statusCode(200).body("id", is(second));
        rerun(first.toUpperCase(Locale.ROOT), "again").statusCode(200).body("id", is(second));
        rerun(first).statusCode(404);
        rerun(first, "another").statusCode(404);
        rerun(first, "waiting").statusCode(404);
        rerun(end.replaceFirst(".", end.charAt(0) == '0' ? "1" : "0"), "again").statusCode(404);
        server.request().delete("/tasks/" + second).then().statusCode(204);
        rerun(first, "again").statusCode(404);
        server.request().post("/tasks/" + waiting + "/cancel").then().statusCode(200);
    }

    @Test
    void aRetryIsAnsweredWhileTheRerunGoesOnAndTheFirstIsDeleted() throws Exception {
        startOnDisk();
        String first = submit("{\"type\":\"mine\"," + TEN + "}");
        server.request().post("/tasks/" + first + "/cancel").then().statusCode(200);
        String second = rerun(first, "again").statusCode(202).extract().path("id");
        server.request().delete("/tasks/" + first).then().statusCode(204);
        rerun(first, "again").statusCode(200).body("id", is(second)).body("state", is("queued"));
    }

    /** Who sends one wants something that would be ignored. */
    @ParameterizedTest
    @ValueSource(strings = {"rerun", "cancel"})
    void aBodyIsRefused(String what) throws Exception {
        startOnDisk();
        String id = submit("{\"type\":\"mine\"," + TEN + "}");
        if (what.equals("rerun")) {
            server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
        }
        String path = "/tasks/" + id + "/" + what;
        server.request()
                .body("{\"priority\":9}")
                .post(path)
                .then()
                .body(isProblem(
                        400,
                        "bad_message",
                        is("the request has a body of 14 bytes; expected none: POST " + path
                                + " takes nothing but headers and query parameters")));
    }

    /** Whoever asks for it under the key of the first wants it to run, and not to hear of the first. */
    @Test
    void theKeyOfTheFirstOrOfATaskLikeItIsAConflict() throws Exception {
        startOnDisk();
        startWorker();
        broken.add(9);
        String first = ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1,\"key\":\"first\"}"), "failed");
        rerun(first, "first").body(isProblem(409, "conflict", containsString(first)));
        String twin = ended(submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1,\"key\":\"twin\"}"), "failed");
        rerun(first, "twin").body(isProblem(409, "conflict", containsString(twin)));
        String second = ended(rerun(first, "second").statusCode(202).extract().path("id"), "failed");
        rerun(second, "second").body(isProblem(409, "conflict", containsString(second)));
    }

    private ValidatableResponse rerun(String id, String key) {
        return server.request()
                .header("Idempotency-Key", key)
                .post("/tasks/" + id + "/rerun")
                .then();
    }

    /** More than is looked at on the loop. */
    @Test
    void largeResultsAreTakenOver() throws Exception {
        startOnDisk();
        String text = "x".repeat(40_000);
        server.startWorker((type, payload) -> {
            if (broken.contains(payload.intValue())) {
                throw new IllegalArgumentException(payload + " does not work");
            }
            computed.add(payload.intValue());
            return Json.MAPPER.getNodeFactory().textNode(payload + text);
        });
        broken.add(3);
        String first = ended(
                submit("{\"type\":\"mine\"," + TEN + ",\"max_attempts\":1,\"on_failure\":\"continue\"}"), "completed");
        broken.clear();
        computed.clear();
        String second =
                rerun(first).statusCode(202).body("taken_over", is(9)).extract().path("id");
        assertResult(
                second,
                Json.MAPPER.valueToTree(
                        IntStream.range(0, 10).mapToObj(i -> i + text).toList()));
        assertEquals(List.of(3), List.copyOf(computed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"open", "deleted"})
    void onlyAFinishedTaskIsRunAgain(String which) throws Exception {
        startOnDisk();
        String id = submit("{\"type\":\"mine\"," + TEN + "}");
        if (which.equals("open")) {
            rerun(id)
                    .body(isProblem(
                            409, "conflict", containsString("is queued; only a finished task can be run again")));
        } else {
            server.request().post("/tasks/" + id + "/cancel").then().statusCode(200);
            server.request().delete("/tasks/" + id).then().statusCode(204);
            rerun(id).statusCode(404);
        }
    }
}
