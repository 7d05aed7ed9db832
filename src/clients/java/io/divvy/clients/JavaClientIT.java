package io.divvy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.openapi.ApiClient;
import io.divvy.openapi.ApiException;
import io.divvy.openapi.ApiResponse;
import io.divvy.openapi.api.ServerApi;
import io.divvy.openapi.api.TasksApi;
import io.divvy.openapi.api.WorkersApi;
import io.divvy.openapi.model.CombineMode;
import io.divvy.openapi.model.Health;
import io.divvy.openapi.model.OnFailure;
import io.divvy.openapi.model.Problem;
import io.divvy.openapi.model.ProblemCode;
import io.divvy.openapi.model.Readiness;
import io.divvy.openapi.model.ResultNumbers;
import io.divvy.openapi.model.TaskErrorCode;
import io.divvy.openapi.model.TaskPage;
import io.divvy.openapi.model.TaskPatch;
import io.divvy.openapi.model.TaskReasonKind;
import io.divvy.openapi.model.TaskState;
import io.divvy.openapi.model.TaskSubmission;
import io.divvy.openapi.model.TaskType;
import io.divvy.openapi.model.TaskView;
import io.divvy.openapi.model.WorkerStatus;
import io.divvy.testing.RunningServer;
import io.divvy.testing.TestWorker;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The Java client that the build generates from {@code openapi.yaml}, and a server that runs. */
class JavaClientIT {
    private static final int WAIT_SECONDS = 30;
    private static final TaskSubmission SQUARES = new TaskSubmission()
            .type("sum_of_squares")
            .params(Map.of("start", 1, "end", 1_000_000))
            .subtasks(10L);

    private static RunningServer server;
    private static ApiClient client;
    private static TasksApi tasks;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        server.startWorker((type, payload) -> {
            if (type.equals("refused")) {
                throw new IllegalArgumentException("not this one");
            }
            return type.equals("echo") ? payload : TestWorker.SHIPPED_TYPES.compute(type, payload);
        });
        client = new ApiClient();
        client.updateBaseUri(server.httpUri("").toString());
        tasks = new TasksApi(client);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theClientSubmitsAndWaits() throws ApiException {
        TaskView task = tasks.submitTask(SQUARES, WAIT_SECONDS, null, null);

        assertEquals(TaskState.COMPLETED, task.getState());
        assertEquals(333333833333500000L, task.getResult());
        assertEquals(10, task.getProgress().getDone());
        assertEquals(List.of(), task.getFailedRanges());
        assertNull(task.getError());
        assertNotNull(task.getFinishedAt());
    }

    @Test
    void theClientSubmitsNowAndAsksLater() throws ApiException {
        ApiResponse<TaskView> accepted = tasks.submitTaskWithHttpInfo(SQUARES, null, null, null);
        assertEquals(202, accepted.getStatusCode());
        String id = accepted.getData().getId();
        assertEquals(List.of("/tasks/" + id), accepted.getHeaders().get("location"));

        assertEquals(
                TaskState.COMPLETED, tasks.getTask(id, WAIT_SECONDS, null, null).getState());
        assertEquals(333333833333500000L, tasks.getTaskResult(id, null, null, null, null));
        assertEquals("333333833333500000", tasks.getTaskResult(id, ResultNumbers.STRING, null, null, null));
    }

    @Test
    void aResultBeyond64BitsIsExact() throws ApiException {
        BigInteger large = BigInteger.TEN.pow(20);
        TaskSubmission submission = new TaskSubmission()
                .type("sum_of_squares")
                .params(Map.of("start", large, "end", large.add(BigInteger.ONE)));
        BigInteger expected = large.pow(2).add(large.add(BigInteger.ONE).pow(2));

        assertEquals(
                expected, tasks.submitTask(submission, WAIT_SECONDS, null, null).getResult());
        assertEquals(
                expected.toString(),
                tasks.submitTask(submission, WAIT_SECONDS, ResultNumbers.STRING, null)
                        .getResult());
    }

    @Test
    void aTaskBringsItsPayloadsAndEveryOption() throws ApiException {
        TaskSubmission submission = new TaskSubmission()
                .type("echo")
                .payloads(List.of("a", "b"))
                .combine(CombineMode.CONCAT)
                .priority(7)
                .maxAttempts(2)
                .subtaskTimeoutMs(60_000L)
                .timeoutMs(600_000L)
                .onFailure(OnFailure.CONTINUE)
                .name("letters")
                .labels(Map.of("team", "research"));

        TaskView task = tasks.submitTask(submission, WAIT_SECONDS, null, null);

        assertEquals("ab", task.getResult());
        assertEquals("letters", task.getName());
        assertEquals(Map.of("team", "research"), task.getLabels());
        assertEquals(7, task.getPriority());
    }

    @Test
    void theSameKeyGivesTheSameTask() throws ApiException {
        ApiResponse<TaskView> first = tasks.submitTaskWithHttpInfo(SQUARES, null, null, "nightly");
        ApiResponse<TaskView> second = tasks.submitTaskWithHttpInfo(SQUARES, null, null, "nightly");

        assertEquals(List.of(202, 200), List.of(first.getStatusCode(), second.getStatusCode()));
        assertEquals(first.getData().getId(), second.getData().getId());
    }

    @Test
    void theClientListsPageByPageTheNewestFirst() throws ApiException {
        TaskSubmission labelled =
                new TaskSubmission().type("echo").payloads(List.of(1)).labels(Map.of("made by", "listing"));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(0, tasks.submitTask(labelled, WAIT_SECONDS, null, null).getId());
        }

        List<String> listed = new ArrayList<>();
        String cursor = null;
        do {
            TaskPage page = tasks.listTasks(TaskState.COMPLETED, "echo", List.of("made by=listing"), 2, cursor, null);
            page.getItems().forEach(task -> listed.add(task.getId()));
            cursor = page.getNextCursor();
        } while (cursor != null);

        assertEquals(ids, listed);
    }

    @Test
    void theClientExplainsAndDeletes() throws ApiException {
        String id = tasks.submitTask(SQUARES, WAIT_SECONDS, null, null).getId();

        assertEquals(
                TaskReasonKind.FINISHED,
                tasks.explainTask(id).getReasons().get(0).getReason());
        assertEquals(0, tasks.listTaskFailures(id, 100, null).getItems().size());
        tasks.deleteTask(id);
        assertEquals(
                ProblemCode.NOT_FOUND, problem(404, () -> tasks.explainTask(id)).getCode());
    }

    @Test
    void theClientShowsWorkersAndTaskTypes() throws ApiException {
        WorkersApi workers = new WorkersApi(client);

        assertEquals(
                List.of("test-worker"),
                workers.listWorkers().getItems().stream()
                        .map(WorkerStatus::getName)
                        .toList());
        TaskType squares = workers.listTaskTypes().getItems().stream()
                .filter(type -> type.getName().equals("sum_of_squares"))
                .findFirst()
                .orElseThrow();
        assertTrue(squares.getKnown());
        assertNotNull(squares.getParamsSchema().get("properties"));
    }

    @Test
    void theClientChangesATask() throws ApiException {
        String id = tasks.submitTask(endless(), null, null, null).getId();

        TaskView changed = tasks.patchTask(id, new TaskPatch().priority(7).labels(Map.of("team", "b")), null);

        assertEquals(7, changed.getPriority());
        assertEquals(Map.of("team", "b"), changed.getLabels());
        assertEquals(
                Map.of("team", "b"),
                tasks.patchTask(id, new TaskPatch().priority(8), null).getLabels());
        tasks.cancelTask(id, null);
        assertEquals(
                ProblemCode.CONFLICT,
                problem(409, () -> tasks.patchTask(id, new TaskPatch().priority(9), null))
                        .getCode());
    }

    @Test
    void theClientRunsATaskAgain() throws ApiException {
        String id = tasks.submitTask(SQUARES, WAIT_SECONDS, null, null).getId();

        TaskView again = tasks.rerunTask(id, WAIT_SECONDS, null, null);

        assertNotEquals(id, again.getId());
        assertEquals(0L, again.getTakenOver());
        assertEquals(TaskState.COMPLETED, again.getState());
        assertEquals(333333833333500000L, again.getResult());
    }

    private static TaskSubmission endless() {
        return new TaskSubmission()
                .type("sum_of_squares")
                .params(Map.of("start", 1, "end", 1_000_000_000L))
                .subtasks(1_000_000_000L);
    }

    @Test
    void theClientCancels() throws ApiException {
        String id = tasks.submitTask(endless(), null, null, null).getId();

        TaskView cancelled = tasks.cancelTask(id, null);

        assertEquals(TaskState.CANCELLED, cancelled.getState());
        assertEquals(0, cancelled.getProgress().getLeased());
        assertEquals(
                ProblemCode.CONFLICT,
                problem(409, () -> tasks.getTaskResult(id, null, null, null, null))
                        .getCode());
    }

    @Test
    void aTaskThatFailedSaysWhy() throws ApiException {
        TaskSubmission submission =
                new TaskSubmission().type("refused").payloads(List.of(1)).maxAttempts(1);

        TaskView task = tasks.submitTask(submission, WAIT_SECONDS, null, null);

        assertEquals(TaskState.FAILED, task.getState());
        assertEquals(TaskErrorCode.SUBTASK_FAILED, task.getError().getCode());
        assertTrue(task.getError().getMessage().contains("not this one"));
        assertEquals(0L, task.getError().getSubtask());
        assertEquals("test-worker", task.getError().getWorker());
        assertEquals(1, task.getError().getAttempts());
    }

    @Test
    void aRefusalIsAProblemWithItsDetail() {
        Problem noSuchTask = problem(404, () -> tasks.getTask("no-such-task", null, null, null));
        assertEquals(ProblemCode.NOT_FOUND, noSuchTask.getCode());
        assertEquals("Not Found", noSuchTask.getTitle());
        assertTrue(noSuchTask.getDetail().contains("\"no-such-task\""), noSuchTask.getDetail());

        TaskSubmission backwards = new TaskSubmission().type("sum_of_squares").params(Map.of("start", 2, "end", 1));
        Problem invalid = problem(422, () -> tasks.submitTask(backwards, null, null, null));
        assertEquals(ProblemCode.INVALID_TASK, invalid.getCode());
        assertTrue(invalid.getDetail().contains("params.end"), invalid.getDetail());

        Problem unknown =
                problem(422, () -> tasks.submitTask(new TaskSubmission().type("sum_of_cubes"), null, null, null));
        assertEquals(ProblemCode.UNKNOWN_TASK_TYPE, unknown.getCode());

        Problem tooLong = problem(400, () -> tasks.getTask("a", 301, null, null));
        assertEquals(ProblemCode.BAD_MESSAGE, tooLong.getCode());
    }

    @Test
    void theServerIsUpAndReadyAndDescribesItself() throws ApiException, IOException {
        ServerApi serverApi = new ServerApi(client);

        assertEquals(Health.StatusEnum.UP, serverApi.getHealth().getStatus());
        assertEquals(Readiness.StatusEnum.READY, serverApi.getReadiness().getStatus());
        assertTrue(Files.readString(serverApi.getOpenApi(null).toPath()).startsWith("openapi: 3.1.0"));
        assertEquals("3.1.0", serverApi.getOpenApiJson(null).get("openapi"));
    }

    @Test
    void whatTheClientHasIsNotSentAgain() throws ApiException {
        String id = tasks.submitTask(SQUARES, WAIT_SECONDS, null, null).getId();
        String tag = tasks.getTaskWithHttpInfo(id, null, null, null)
                .getHeaders()
                .get("etag")
                .get(0);

        ApiException unchanged = assertThrows(ApiException.class, () -> tasks.getTask(id, null, null, tag));

        assertEquals(304, unchanged.getCode());
    }

    private static Problem problem(int status, Executable call) {
        ApiException refused = assertThrows(ApiException.class, call);
        assertEquals(status, refused.getCode());
        try {
            Problem problem = client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
            assertEquals(status, problem.getStatus());
            return problem;
        } catch (IOException e) {
            throw new AssertionError("not a problem: " + refused.getResponseBody(), e);
        }
    }
}
