package io.divvy.client;

import static io.divvy.client.Waiting.failure;
import static io.divvy.client.Waiting.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import io.divvy.testing.RunningServer;
import io.divvy.testing.SumOfSquaresTask;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a user does with a client, against a real server. */
class DivvyClientTest {
    private static final SumOfSquaresTask SQUARES = new SumOfSquaresTask(1_000, 10);
    private static final TaskRequest NOBODY_DOES_THIS =
            TaskRequest.of("paint").payload(1).payload(2);

    private final RunningServer server = RunningServer.start();
    private DivvyClient client;

    @BeforeEach
    void connect() throws IOException {
        client = DivvyClient.connect(server.address());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void submitAndWait() throws Exception {
        server.startWorker();
        TaskHandle task = client.submit(TaskRequest.of("sum_of_squares")
                .param("start", 1)
                .param("end", 1_000)
                .subtasks(10)
                .name("squares")
                .label("team", "physics"));
        assertEquals(10, task.subtasks());
        assertEquals(SQUARES.answer(), task.await().bigIntegerValue());
        TaskView view = task.status();
        assertEquals("completed", view.state());
        assertEquals("squares", view.name());
        assertEquals(Map.of("team", "physics"), view.labels());
    }

    @Test
    void submitATaskObject() throws Exception {
        server.startWorker();
        assertEquals(SQUARES.answer(), client.submit(SQUARES.toJson()).await().bigIntegerValue());
    }

    @Test
    void progressLeadsToTheEndAndComesBeforeIt() throws Exception {
        List<Progress> reports = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch watched = new CountDownLatch(1);
        TaskHandle task = client.submit(SQUARES.toJson(), progress -> {
            reports.add(progress);
            watched.countDown();
        });
        watched.await();
        server.startWorker();
        get(task.result().thenRun(() -> reports.add(null)));
        assertEquals(new Progress(10, 10, 0, 0, 0, 0), reports.get(0));
        assertEquals(null, reports.get(reports.size() - 1), "the end comes last");
        for (Progress report : reports.subList(0, reports.size() - 1)) {
            assertEquals(10, report.pending() + report.leased() + report.done() + report.failed() + report.cancelled());
        }
    }

    @Test
    void aWaitThatTimesOutCanBeRepeated() throws Exception {
        TaskHandle task = client.submit(SQUARES.toJson());
        TimeoutException tooEarly = assertThrows(TimeoutException.class, () -> task.await(Duration.ofMillis(1)));
        assertEquals("task " + task.id() + " did not end within 1 ms; it goes on", tooEarly.getMessage());
        server.startWorker();
        assertEquals(SQUARES.answer(), task.await(Duration.ofSeconds(20)).bigIntegerValue());
    }

    @Test
    void attachToATaskThatAnotherClientSubmitted() throws Exception {
        TaskHandle submitted = client.submit(SQUARES.toJson());
        try (DivvyClient another =
                DivvyClient.connect("127.0.0.1", server.address().getPort())) {
            CountDownLatch watched = new CountDownLatch(1);
            TaskHandle attached = another.attach(submitted.id(), progress -> watched.countDown());
            watched.await();
            assertEquals(10, attached.subtasks());
            server.startWorker();
            assertEquals(submitted.await(), attached.await());
            assertEquals(submitted.await(), another.attach(submitted.id()).await(), "of one that has ended too");
        }
    }

    @Test
    void severalHandlesOfOneTaskAllHearOfItsEnd() throws Exception {
        TaskRequest keyed = TaskRequest.of("sum_of_squares")
                .param("start", 1)
                .param("end", 3)
                .key("same");
        TaskHandle one = client.submit(keyed);
        TaskHandle two = client.submit(keyed);
        TaskHandle three = client.attach(one.id());
        assertEquals(one.id(), two.id());
        server.startWorker();
        for (TaskHandle handle : List.of(one, two, three, client.submit(keyed))) {
            assertEquals(14, handle.await().intValue());
        }
    }

    @Test
    void cancelSaysHowTheTaskEndedAndFailsItsHandles() throws Exception {
        TaskHandle task = client.submit(NOBODY_DOES_THIS);
        TaskView cancelled = task.cancel();
        assertEquals("cancelled", cancelled.state());
        assertThrows(TaskCancelledException.class, task::await);
        assertEquals("cancelled", client.cancel(task.id()).state(), "again, it stays as it is");
    }

    @Test
    void theAliasOfATaskFindsItAsItsIdDoes() throws Exception {
        try (WirePeer plain = WirePeer.connect(server.address())) {
            plain.send("{'type':'task_sender'}");
            plain.send("{'task_id':'job-1','range':[1,3],'num_subtasks':1}");
            TaskHandle task = await().ignoreException(TaskRefusedException.class)
                    .until(() -> client.attach("job-1"), Objects::nonNull);
            assertEquals("job-1", task.status().alias());
            TaskView cancelled = client.cancel("job-1");
            assertEquals("cancelled", cancelled.state());
            assertEquals(task.id(), cancelled.id());
            assertThrows(TaskCancelledException.class, task::await);
            assertEquals(cancelled, client.cancel("job-1"), "again, it stays as it is");
        }
    }

    @Test
    void aTaskThatFailsSaysWhy() throws Exception {
        server.startWorker((type, payload) -> {
            throw new IllegalStateException("out of paint");
        });
        TaskHandle task = client.submit(TaskRequest.of("paint").payload(1).maxAttempts(1));
        TaskFailedException failure = assertThrows(TaskFailedException.class, task::await);
        assertTrue(failure.getMessage().contains("out of paint"), failure.getMessage());
        assertEquals("subtask_failed", failure.error().code());
        assertEquals("test-worker", failure.error().worker());
    }

    @Test
    void refusalsOfTheServerHaveTheirCode() {
        assertEquals("unknown_task_type", refusal(() -> client.submit(TaskRequest.of("sum_of_cubes"))));
        assertEquals("invalid_task", refusal(() -> client.submit(TaskRequest.of("sum_of_squares"))));
        assertEquals("not_found", refusal(() -> client.status("nothing")));
        assertEquals("not_found", refusal(() -> client.attach("nothing")));
        assertEquals("not_found", refusal(() -> client.cancel("nothing")));
        assertEquals("bad_message", refusal(() -> client.status("not an id")));
    }

    private static String refusal(org.junit.jupiter.api.function.Executable request) {
        return assertThrows(TaskRefusedException.class, request).code();
    }

    @Test
    void aTaskThatIsTooLargeForAMessageIsRefusedBeforeItIsSent() throws Exception {
        TaskRequest large = TaskRequest.of("paint").payload("x".repeat(5 << 20));
        TaskRefusedException refused = assertThrows(TaskRefusedException.class, () -> client.submit(large));
        assertEquals("frame_too_large", refused.code());
        assertTrue(refused.getMessage().contains("at most 4194304. Keep large data elsewhere"), refused.getMessage());
        client.submit(NOBODY_DOES_THIS); // The client goes on.
    }

    @Test
    void aResultThatIsTooLargeForAMessageSaysWhereItIs() throws Exception {
        server.startWorker((type, payload) -> TextNode.valueOf("x".repeat(1 << 20)));
        TaskHandle task = client.submit(
                TaskRequest.of("paint").payloads(List.of(1, 2, 3, 4, 5)).combine(CombineMode.CONCAT));
        ResultTooLargeException failure = assertThrows(ResultTooLargeException.class, task::await);
        assertEquals("/tasks/" + task.id() + "/result", failure.path());
        assertTrue(failure.getMessage().contains("GET " + failure.path()), failure.getMessage());
        assertEquals("completed", task.status().state());
    }

    @Test
    void aNullIsAResultToo() throws Exception {
        server.startWorker((type, payload) -> IntNode.valueOf(1));
        JsonNode nothing = client.submit(TaskRequest.of("paint").payload(1).combine(CombineMode.NONE))
                .await();
        assertTrue(nothing.isNull());
    }

    @Test
    void whereThereIsNoServerConnectFailsAtOnce() {
        InetSocketAddress nobody = new InetSocketAddress("127.0.0.1", 1); // Reserved.
        assertThrows(IOException.class, () -> DivvyClient.connect(nobody));
    }

    @Test
    void whereThereIsAnotherKindOfServerConnectSaysSo() {
        IOException http = assertThrows(
                IOException.class,
                () -> DivvyClient.connect(
                        server.httpAddress(), ClientOptions.DEFAULT.withConnectTimeout(Duration.ofSeconds(20))));
        assertTrue(http.getMessage().contains("is the HTTP port of a Divvy server; use "), http.getMessage());
    }

    @Test
    void aServerThatStopsEndsTheWaitsOfAClientThatDoesNotReconnect() throws Exception {
        try (DivvyClient resigned =
                DivvyClient.connect(server.address(), ClientOptions.DEFAULT.withReconnectFor(Duration.ZERO))) {
            TaskHandle task = resigned.submit(NOBODY_DOES_THIS);
            server.stopLoop();
            failure(ConnectionLostException.class, task.result());
        }
    }
}
