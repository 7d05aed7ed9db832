package io.divvy.client;

import static io.divvy.client.Waiting.failure;
import static io.divvy.client.Waiting.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.ScriptedServer.Dialogue;
import io.divvy.testing.WirePeer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server is too busy for what is asked again: it is asked until it is not, no sooner than it said. */
class BusyServerTest {
    private static final TaskRequest SQUARES =
            TaskRequest.of("sum_of_squares").param("start", 1).param("end", 2);

    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aServerThatIsTooBusyToAttachAgainIsAskedUntilItDoes() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            first.peer().vanish();

            WirePeer second = server.accept();
            refuse(second, second.receive("attach"), "'busy','retry_after_ms':120");
            refuse(second, second.receive("attach"), "'internal'");
            refuse(second, second.receive("attach"), "'limit_exceeded'");
            assertFalse(handle.result().isDone());
            show(second, second.receive("attach"), "t", "completed");
            second.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString());
        }
    }

    @Test
    void aServerThatIsBusyIsAskedAgainNoSoonerThanItSaid() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            first.peer().vanish();

            WirePeer second = server.accept();
            JsonNode attach = second.receive("attach");
            long refusedNanos = System.nanoTime();
            refuse(second, attach, "'busy','retry_after_ms':400");
            show(second, second.receive("attach"), "t", "completed");
            assertTrue(System.nanoTime() - refusedNanos >= 400_000_000);
            second.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString());
        }
    }

    @Test
    void postponedRequestsAreAskedOnTheNextConnectionIfTheirsIsLost() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            first.peer().vanish();
            WirePeer second = server.accept();
            refuse(second, second.receive("attach"), "'busy','retry_after_ms':60000");
            second.vanish();

            WirePeer third = server.accept();
            show(third, third.receive("attach"), "t", "completed");
            third.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString());
        }
    }

    @Test
    void aSubmissionThatWasSentAgainIsNotGivenUpBecauseTheServerIsBusy() {
        try (Dialogue first = server.connect()) {
            CompletableFuture<TaskHandle> handle = first.client().submitAsync(SQUARES);
            JsonNode submit = first.peer().receive("submit");
            first.peer().vanish();

            WirePeer second = server.accept();
            refuse(second, second.receive("submit"), "'busy','retry_after_ms':1");
            assertEquals(submit, second.receive("submit"), "the same, to the key");
            accept(second, submit, "t");
            second.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(get(handle).result()).toString());
        }
    }

    @Test
    void postponedRequestsAreSentOnceOnTheNextConnection() {
        try (Dialogue first = server.connect()) {
            first.client().submitAsync(SQUARES);
            first.peer().receive("submit");
            first.peer().vanish();
            WirePeer second = server.accept();
            refuse(second, second.receive("submit"), "'busy','retry_after_ms':100");
            second.vanish();

            WirePeer third = server.accept();
            third.receive("submit");
            first.client().statusAsync("t");
            third.receive("status");
        }
    }

    @Test
    void aSubmissionThatWasSentAgainFailsForWhatIsWrongWithIt() {
        try (Dialogue first = server.connect()) {
            CompletableFuture<TaskHandle> handle = first.client().submitAsync(SQUARES);
            first.peer().receive("submit");
            first.peer().vanish();
            WirePeer second = server.accept();
            refuse(second, second.receive("submit"), "'invalid_task'");
            assertEquals(
                    "invalid_task", failure(TaskRefusedException.class, handle).code());
        }
    }

    @Test
    void aFirstSubmissionThatTheServerIsTooBusyForIsLeftToTheCaller() {
        try (Dialogue talk = server.connect()) {
            CompletableFuture<TaskHandle> handle = talk.client().submitAsync(SQUARES);
            refuse(talk.peer(), talk.peer().receive("submit"), "'busy','retry_after_ms':1500");
            TaskRefusedException busy = failure(TaskRefusedException.class, handle);
            assertEquals("busy", busy.code());
            assertEquals(1_500, busy.retryAfterMs());
        }
    }

    private static TaskHandle submitted(Dialogue talk, String taskId) {
        CompletableFuture<TaskHandle> handle = talk.client().submitAsync(SQUARES);
        accept(talk.peer(), talk.peer().receive("submit"), taskId);
        return get(handle);
    }

    private static void accept(WirePeer peer, JsonNode submit, String taskId) {
        peer.send(
                "{'type':'accepted','request':" + submit.get("request") + ",'task_id':'" + taskId + "','subtasks':10}");
    }

    /** @param code with whatever else the error has */
    private static void refuse(WirePeer peer, JsonNode request, String code) {
        peer.send("{'type':'error','request':" + request.get("request") + ",'message':'not now','code':" + code + "}");
    }

    /** Answers a status or an attach. */
    private static void show(WirePeer peer, JsonNode request, String taskId, String state) {
        assertEquals(taskId, request.get("task_id").asText());
        peer.send("{'type':'task','request':" + request.get("request") + ",'task':" + view(taskId, state) + "}");
    }

    private static String view(String taskId, String state) {
        return "{'id':'" + taskId + "','type':'sum_of_squares','state':'" + state
                + "','progress':{'total':10},'submitted_at':'2026-01-01T00:00:00Z'}";
    }
}
