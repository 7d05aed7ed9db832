package io.divvy.client;

import static io.divvy.client.Waiting.failure;
import static io.divvy.client.Waiting.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.ScriptedServer.Dialogue;
import io.divvy.protocol.TaskView;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The connection breaks at each moment at which it can, and nobody who waits notices. */
class ReconnectTest {
    private static final TaskRequest SQUARES =
            TaskRequest.of("sum_of_squares").param("start", 1).param("end", 2);

    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aSubmissionThatWasNotAnsweredIsSentAgainUnderTheSameKey() {
        try (Dialogue first = server.connect()) {
            CompletableFuture<TaskHandle> handle = first.client().submitAsync(SQUARES);
            JsonNode submit = first.peer().receive("submit");
            first.peer().vanish();

            WirePeer second = server.accept();
            assertEquals(submit, second.receive("submit"), "the same, to the key");
            assertFalse(submit.at("/task/key").asText().isEmpty());
            accept(second, submit, "t");
            second.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(get(handle).result()).toString());
        }
    }

    @Test
    void eachSubmissionWithoutAKeyGetsOneOfItsOwnAndAKeyOfTheSenderStays() {
        try (Dialogue talk = server.connect()) {
            talk.client().submitAsync(SQUARES);
            talk.client().submitAsync(SQUARES);
            talk.client().submitAsync(TaskRequest.of("sum_of_squares").key("mine"));
            String one = talk.peer().receive("submit").at("/task/key").asText();
            String two = talk.peer().receive("submit").at("/task/key").asText();
            assertNotEquals(one, two);
            assertEquals("mine", talk.peer().receive("submit").at("/task/key").asText());
        }
    }

    @Test
    void aTaskThatWasAcceptedIsAttachedToAndNotSubmittedAgain() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            AtomicInteger ends = new AtomicInteger();
            CompletableFuture<Void> end = handle.result().thenRun(ends::incrementAndGet);
            first.peer().vanish();

            WirePeer second = server.accept();
            JsonNode attach = second.receive("attach");
            assertEquals("t", attach.get("task_id").asText());
            assertFalse(attach.get("progress").asBoolean(), "nobody asked for it");
            show(second, attach, "t", "running");
            second.send("{'type':'completed','task_id':'t','result':5}");
            second.send("{'type':'completed','task_id':'t','result':6}");
            get(end);
            assertEquals("5", get(handle.result()).toString(), "the first end counts");
            assertEquals(1, ends.get());
        }
    }

    @Test
    void progressGoesOnAfterTheConnectionBrokeBetweenProgressAndTheEnd() throws Exception {
        try (Dialogue first = server.connect()) {
            BlockingQueue<Long> done = new LinkedBlockingQueue<>();
            CompletableFuture<TaskHandle> submission =
                    first.client().submitAsync(SQUARES, progress -> done.add(progress.done()));
            JsonNode submit = first.peer().receive("submit");
            assertTrue(submit.get("progress").asBoolean());
            accept(first.peer(), submit, "t");
            first.peer().send("{'type':'progress','task_id':'t','total':10,'pending':6,'done':4}");
            assertEquals(4, done.poll(20, TimeUnit.SECONDS));
            first.peer().vanish();

            WirePeer second = server.accept();
            JsonNode attach = second.receive("attach");
            assertTrue(attach.get("progress").asBoolean());
            show(second, attach, "t", "running");
            second.send("{'type':'progress','task_id':'t','total':10,'pending':1,'done':9}");
            assertEquals(9, done.poll(20, TimeUnit.SECONDS));
            second.send("{'type':'failed','task_id':'t','error':{'code':'timeout','message':'too late'}}");
            assertEquals(
                    "too late",
                    failure(TaskFailedException.class, get(submission).result()).getMessage());
        }
    }

    @Test
    void aFrameThatBreaksOffInTheMiddleCountsForNothing() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            byte[] frame = WirePeer.frame("{'type':'completed','task_id':'t','result':5}");
            first.peer().sendBytes(Arrays.copyOf(frame, frame.length - 1));
            first.peer().vanish();

            WirePeer second = server.accept();
            show(second, second.receive("attach"), "t", "completed");
            assertFalse(handle.result().isDone());
            second.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString());
        }
    }

    @Test
    void questionsAreAskedAgainInTheirOrder() {
        try (Dialogue first = server.connect()) {
            CompletableFuture<TaskView> status = first.client().statusAsync("a");
            CompletableFuture<TaskHandle> attach = first.client().attachAsync("b");
            CompletableFuture<TaskView> cancel = first.client().cancelAsync("c");
            for (String type : new String[] {"status", "attach", "cancel"}) {
                first.peer().receive(type);
            }
            first.peer().vanish();

            WirePeer second = server.accept();
            show(second, second.receive("status"), "a", "running");
            show(second, second.receive("attach"), "b", "running");
            assertEquals("c", second.receive("cancel").get("task_id").asText());
            second.send("{'type':'cancelled','task_id':'c'}");
            show(second, second.receive("status"), "c", "cancelled");
            assertEquals("a", get(status).id());
            assertEquals("b", get(attach).id());
            assertEquals("cancelled", get(cancel).state());
        }
    }

    @Test
    void aTaskThatIsCancelledByAnotherNameIsCancelledByItsIdFromThenOn() {
        try (Dialogue first = server.connect()) {
            CompletableFuture<TaskView> cancel = first.client().cancelAsync("job-1");
            JsonNode asked = first.peer().receive("cancel");
            assertEquals("job-1", asked.get("task_id").asText());
            first.peer()
                    .send("{'type':'task','request':" + asked.get("request") + ",'task':" + view("t", "running") + "}");
            first.peer().vanish();

            WirePeer second = server.accept();
            assertEquals("t", second.receive("cancel").get("task_id").asText());
            second.send("{'type':'cancelled','task_id':'t'}");
            show(second, second.receive("status"), "t", "cancelled");
            assertEquals("t", get(cancel).id());
        }
    }

    @Test
    void theConnectionMayBreakAgainAndAgainAndEvenBeforeTheWelcome() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            first.peer().vanish();
            server.acceptUnwelcome().vanish();
            server.accept().vanish();
            WirePeer last = server.accept();
            show(last, last.receive("attach"), "t", "completed");
            last.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString());
        }
    }

    @Test
    void aServerThatForgotTheTaskIsNamedAsTheReason() {
        try (Dialogue first = server.connect()) {
            TaskHandle lost = submitted(first, "lost");
            TaskHandle kept = submitted(first, "kept");
            first.peer().vanish();

            WirePeer second = server.accept();
            JsonNode attach = second.receive("attach");
            second.send("{'type':'error','request':" + attach.get("request") + ",'code':'not_found','message':'no'}");
            JsonNode other = second.receive("attach");
            assertEquals("kept", other.get("task_id").asText());
            show(second, other, "kept", "running");
            TaskLostException failure = failure(TaskLostException.class, lost.result());
            assertTrue(
                    failure.getMessage().contains("does not know task lost any more: it was restarted"),
                    failure.getMessage());
            second.send("{'type':'completed','task_id':'kept','result':5}");
            assertEquals("5", get(kept.result()).toString(), "the other goes on");
        }
    }

    @Test
    void requestsFailWhenThereIsNoServerForTooLongAndTheNextOneConnectsAgain() {
        ClientOptions hasty = ClientOptions.DEFAULT.withReconnectFor(Duration.ofMillis(250));
        try (Dialogue first = server.connect(hasty)) {
            TaskHandle handle = submitted(first, "t");
            CompletableFuture<TaskView> status = first.client().statusAsync("t");
            server.stopListening();
            first.peer().vanish();
            ConnectionLostException lost = failure(ConnectionLostException.class, handle.result());
            assertTrue(lost.getMessage().contains("no other within 250 ms"), lost.getMessage());
            failure(ConnectionLostException.class, status);

            server.listenAgain();
            CompletableFuture<TaskView> later = first.client().statusAsync("t");
            WirePeer second = server.accept();
            show(second, second.receive("status"), "t", "running");
            assertEquals("t", get(later).id());
        }
    }

    @Test
    void aConnectionThatIsLostWhileNobodyWaitsIsMadeAnewWhenItIsNeeded() {
        // It never tries again, and still makes the connection that it needs.
        ClientOptions never = ClientOptions.DEFAULT.withReconnectFor(Duration.ZERO);
        try (Dialogue first = server.connect(never)) {
            CompletableFuture<TaskView> before = first.client().statusAsync("a");
            show(first.peer(), first.peer().receive("status"), "a", "running");
            get(before);
            first.peer().finish();
            first.peer().receiveEnd();
            CompletableFuture<TaskView> after = first.client().statusAsync("b");
            WirePeer second = server.accept();
            show(second, second.receive("status"), "b", "running");
            assertEquals("b", get(after).id());
        }
    }

    @Test
    void aClientThatIsNotWelcomeAnyMoreDoesNotTryAgain() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            first.peer().vanish();
            WirePeer second = server.acceptUnwelcome();
            second.receive("task_sender");
            second.send("{'type':'error','code':'unauthorized','message':'the token is too old'}");
            IOException lost = failure(ConnectionLostException.class, handle.result());
            assertTrue(lost.getMessage().contains("the token is too old"), lost.getMessage());
        }
    }

    @Test
    void aRequestThatEndsTheConnectionIsNotSentAgain() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            CompletableFuture<TaskHandle> poison = first.client().submitAsync(SQUARES);
            first.peer().vanish();

            WirePeer second = server.accept();
            second.receive("submit");
            second.receive("attach");
            second.send("{'type':'error','code':'bad_json','message':'nested too deeply'}");
            second.vanish();
            assertEquals("bad_json", failure(TaskRefusedException.class, poison).code());

            WirePeer third = server.accept();
            show(third, third.receive("attach"), "t", "completed");
            third.send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString(), "what waits was no reason, and goes on");
        }
    }

    @Test
    void aServerThatSpeaksAnotherLanguageIsNotListenedToAgain() {
        try (Dialogue first = server.connect()) {
            TaskHandle handle = submitted(first, "t");
            first.peer().send("{'type':'completed'}");
            IOException failure = failure(IOException.class, handle.result());
            assertTrue(failure.getMessage().contains("not of this protocol: task_id: missing"), failure.getMessage());
            first.peer().receiveEnd();
        }
    }

    @Test
    void messagesOfALaterVersionAreIgnored() {
        try (Dialogue talk = server.connect()) {
            TaskHandle handle = submitted(talk, "t");
            talk.peer().send("{'type':'goaway'}");
            talk.peer().send("{'type':'completed','task_id':'another','result':4}");
            talk.peer().send("{'type':'completed','task_id':'t','result':5}");
            assertEquals("5", get(handle.result()).toString());
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
