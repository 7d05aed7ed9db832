package io.divvy.rest;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Limits;
import io.divvy.store.Retention;
import io.divvy.store.StoreOpenException;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.TaskTypes;
import io.divvy.testing.LimitsOf;
import io.divvy.testing.OpenApiContract;
import io.divvy.testing.RunningServer;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each operation is driven into each status that it can give. What comes and is not in {@code openapi.yaml} is found by the
 * contract that all requests are held against; what is there and does not come is found here.
 */
@Timeout(60)
class ListedStatusesTest {
    /** A fault of the server: nothing that a client does brings it about. */
    private static final String FAULT = "500";

    private static final int BODY_BYTES = 1_000;
    private static final RestLimits SMALL_BODIES =
            RestLimits.with().bodyBytes(BODY_BYTES).build();

    private static final String SUBMIT = "POST /tasks";
    private static final String GET = "GET /tasks/{id}";
    private static final String PATCH = "PATCH /tasks/{id}";
    private static final String DELETE = "DELETE /tasks/{id}";
    private static final String CANCEL = "POST /tasks/{id}/cancel";
    private static final String RERUN = "POST /tasks/{id}/rerun";
    private static final String RESULT = "GET /tasks/{id}/result";
    private static final String FAILURES = "GET /tasks/{id}/failures";
    private static final String EXPLAIN = "GET /tasks/{id}/explain";
    private static final String WORKERS = "GET /workers";
    private static final String DRAIN = "POST /workers/{id}/drain";

    private static final String TASK = "{\"type\":\"mine\",\"payloads\":[1]}";
    private static final String TASK_WITH_KEY = "{\"type\":\"mine\",\"payloads\":[1],\"key\":\"k\"}";
    private static final String OTHER_WITH_KEY = "{\"type\":\"mine\",\"payloads\":[2],\"key\":\"k\"}";
    private static final String CHANGE = "{\"priority\":1}";
    private static final String TEN_SUBTASKS =
            "{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":10},\"subtasks\":10}";
    private static final String NOBODY = "99";

    @TempDir
    Path data;

    private RunningServer server;
    private final Map<String, Set<String>> seen = new TreeMap<>();

    private void start(Limits limits, TaskTypes types) throws StoreOpenException {
        server = RunningServer.start(limits, SMALL_BODIES, types, SqliteStore.open(data, Retention.DEFAULT));
    }

    private void restart(Limits limits, TaskTypes types) throws StoreOpenException {
        server.close();
        start(limits, types);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void eachStatusThatIsListedComesAndNoOther() throws Exception {
        start(Limits.DEFAULT, TaskTypes.builtin());
        Set<String> operations = listed().keySet();
        operations.forEach(this::driveIntoWhatComesBeforeTheOperation);
        driveThroughTheLifeOfATask();
        driveDescriptions();
        String cancelled = cancelled(TEN_SUBTASKS);
        restart(LimitsOf.with(draft -> draft.subtasksPerTask = 5), TaskTypes.builtin());
        assertEquals(413, drive(RERUN, cancelled));
        restart(Limits.DEFAULT, new TaskTypes(List.of()));
        assertEquals(422, drive(RERUN, cancelled));
        server.stopLoop();
        operations.forEach(this::driveWithoutFault);

        assertEquals(listed(), seen);
    }

    /** The statuses of each operation of the file, but for those that no request brings about. */
    private static Map<String, Set<String>> listed() {
        Map<String, Set<String>> listed = new TreeMap<>();
        for (var path : OpenApiContract.FILTER.document().get("paths").properties()) {
            for (var operation : path.getValue().properties()) {
                Set<String> statuses = new TreeSet<>();
                operation.getValue().get("responses").fieldNames().forEachRemaining(statuses::add);
                statuses.remove(FAULT);
                listed.put(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), statuses);
            }
        }
        // It asks nothing of the loop, so it is late only on a machine that has no time at all.
        listed.get("GET /task-types").remove("503");
        return listed;
    }

    private int drive(String operation, String id, UnaryOperator<RequestSpecification> made) {
        return answerTo(operation, id, made).statusCode();
    }

    private int drive(String operation, String id) {
        return drive(operation, id, UnaryOperator.identity());
    }

    private Response answerTo(String operation, String id, UnaryOperator<RequestSpecification> made) {
        String method = operation.split(" ")[0];
        String path = operation.split(" ")[1].replace("{id}", id);
        Response answer = made.apply(server.request()).request(method, path);
        seen.computeIfAbsent(operation, first -> new TreeSet<>()).add(Integer.toString(answer.statusCode()));
        return answer;
    }

    private void driveIntoWhatComesBeforeTheOperation(String operation) {
        drive(operation, NOBODY, request -> request.queryParam("misspelt", 1));
        drive(operation, NOBODY, request -> request.header("Host", "example.org"));
        drive(operation, NOBODY, request -> request.header("Origin", "https://example.org"));
        drive(operation, NOBODY, request -> request.accept("text/html"));
        if (!operation.startsWith("GET")) {
            drive(operation, NOBODY, request -> request.body("x".repeat(BODY_BYTES + 1)));
        }
        driveWithoutFault(operation);
    }

    /** A request of which nothing is wrong but that nobody has the id. */
    private void driveWithoutFault(String operation) {
        drive(operation, NOBODY, request -> switch (operation) {
            case SUBMIT -> request.body(TASK);
            case PATCH -> request.body(CHANGE);
            default -> request;
        });
    }

    private void driveThroughTheLifeOfATask() {
        String id = answerTo(SUBMIT, "", request -> request.body(TASK_WITH_KEY)).path("id");
        assertEquals(200, drive(SUBMIT, "", request -> request.body(TASK_WITH_KEY)));
        assertEquals(409, drive(SUBMIT, "", request -> request.body(OTHER_WITH_KEY)));
        assertEquals(422, drive(SUBMIT, "", request -> request.body("{}")));
        driveIfUnchanged(GET, id);
        for (String operation : List.of(DELETE, RERUN, RESULT)) {
            assertEquals(409, drive(operation, id), operation);
        }
        for (String operation : List.of(FAILURES, EXPLAIN, CANCEL)) {
            assertEquals(200, drive(operation, id), operation);
        }
        assertEquals(409, drive(PATCH, id, request -> request.body(CHANGE)));

        String again = answerTo(RERUN, id, request -> request.header("Idempotency-Key", "again"))
                .path("id");
        assertEquals(200, drive(RERUN, id, request -> request.header("Idempotency-Key", "again")));
        assertEquals(200, drive(PATCH, again, request -> request.body(CHANGE)));
        server.startWorker((type, payload) -> payload);
        await().until(() -> answerTo(WORKERS, "", UnaryOperator.identity()).path("items.id"), hasSize(1));
        assertEquals(200, drive(GET, again, request -> request.queryParam("wait", 30)));
        assertEquals(206, drive(RESULT, again, request -> request.header("Range", "bytes=0-0")));
        assertEquals(416, drive(RESULT, again, request -> request.header("Range", "bytes=99-")));
        driveIfUnchanged(RESULT, again);
        assertEquals(204, drive(DELETE, again));
        assertEquals(200, drive(DRAIN, "1"));
    }

    private void driveDescriptions() {
        driveIfUnchanged("GET /openapi.yaml", "");
        driveIfUnchanged("GET /openapi.json", "");
    }

    private void driveIfUnchanged(String operation, String id) {
        String tag = answerTo(operation, id, UnaryOperator.identity()).header("ETag");
        assertEquals(304, drive(operation, id, request -> request.header("If-None-Match", tag)));
    }

    private String cancelled(String task) {
        String id = answerTo(SUBMIT, "", request -> request.body(task)).path("id");
        assertEquals(200, drive(CANCEL, id));
        return id;
    }
}
