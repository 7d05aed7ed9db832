package io.divvy.client;

import static io.divvy.client.Waiting.failure;
import static io.divvy.client.Waiting.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.ScriptedServer.Dialogue;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The user's code runs on one thread, in order, and cannot harm the client. */
@Timeout(60)
class CallbackTest {
    private static final TaskRequest PAINT = TaskRequest.of("paint").payload(1);

    private final ScriptedServer server = new ScriptedServer();
    private DivvyClient client;
    private WirePeer peer;

    @BeforeEach
    void connect() {
        Dialogue first = server.connect();
        client = first.client();
        peer = first.peer();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void callbacksRunOnOneThreadInTheOrderOfTheMessages() {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Consumer<String> hear = what -> {
            heard.add(what);
            threads.add(Thread.currentThread());
        };
        TaskHandle one = submit("one", progress -> hear.accept("one at " + progress.done()));
        TaskHandle two = submit("two", progress -> hear.accept("two at " + progress.done()));
        CompletableFuture<Void> ends = CompletableFuture.allOf(
                one.result().thenAccept(result -> hear.accept("one ends")),
                two.result().thenAccept(result -> hear.accept("two ends")));
        peer.sendTogether(List.of(
                progress("one", 1), progress("two", 1), completed("two"), progress("one", 2), completed("one")));
        get(ends);
        // A report that was overtaken by a newer one before it was heard is left out.
        List<String> all = List.of("one at 1", "two at 1", "two ends", "one at 2", "one ends");
        assertTrue(
                heard.equals(all) || heard.equals(List.of("one at 2", "two at 1", "two ends", "one ends")),
                heard::toString);
        assertEquals(1, threads.size());
        assertNotEquals(Thread.currentThread(), threads.iterator().next());
    }

    @Test
    void aCallbackThatThrowsIsCalledAgainAndTheClientGoesOn() {
        CountDownLatch calls = new CountDownLatch(2);
        TaskHandle task = submit("t", progress -> {
            calls.countDown();
            throw new AssertionError("thrown by the test, at " + progress.done());
        });
        peer.send(progress("t", 1));
        await().until(() -> calls.getCount() == 1);
        peer.send(progress("t", 2));
        await().until(() -> calls.getCount() == 0);
        peer.send(completed("t"));
        assertEquals("5", get(task.result()).toString());
    }

    @Test
    void aCallbackMayCallAsynchronousMethods() {
        CompletableFuture<TaskView> asked = new CompletableFuture<>();
        submit("t", progress -> client.statusAsync("t").thenAccept(asked::complete));
        peer.send(progress("t", 1));
        JsonNode status = peer.receive("status");
        peer.send("{'type':'task','request':" + status.get("request")
                + ",'task':{'id':'t','state':'running','submitted_at':'2026-01-01T00:00:00Z'}}");
        assertEquals("running", get(asked).state());
    }

    @Test
    void aCallbackThatWaitsForItselfGetsAnError() {
        CompletableFuture<TaskHandle> handle = new CompletableFuture<>();
        CompletableFuture<JsonNode> wait = new CompletableFuture<>();
        TaskHandle task = submit("t", progress -> {
            try {
                wait.complete(handle.join().await());
            } catch (Exception e) {
                wait.completeExceptionally(e);
            }
        });
        handle.complete(task);
        peer.send(progress("t", 1));
        IllegalStateException told = failure(IllegalStateException.class, wait);
        assertTrue(told.getMessage().contains("a callback must not wait for the client"), told.getMessage());
    }

    @Test
    void aSlowCallbackDoesNotDelayTheConnectionAndSkipsOldReports() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<Long> heard = Collections.synchronizedList(new ArrayList<>());
        TaskHandle task = submit("t", progress -> {
            heard.add(progress.done());
            begun.countDown();
            awaitLatch(release);
        });
        peer.send(progress("t", 0));
        awaitLatch(begun);
        for (int done = 1; done <= 1_000; done++) {
            peer.send(progress("t", done));
        }
        // Sent and received while the callback stands still.
        CompletableFuture<TaskHandle> another = client.submitAsync(PAINT);
        accept(peer.receive("submit"), "another");
        peer.send(completed("t"));
        // The end of a cancelled task is heard behind all of that, and makes the client ask how it ended.
        client.cancelAsync("behind");
        peer.receive("cancel");
        peer.send("{'type':'cancelled','task_id':'behind'}");
        peer.receive("status");
        assertFalse(another.isDone(), "futures complete on the callback thread too");
        release.countDown();
        get(task.result());
        assertEquals(List.of(0L, 1_000L), heard, "the one that it was slow with, and the newest");
        get(another);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private TaskHandle submit(String taskId, Consumer<Progress> onProgress) {
        CompletableFuture<TaskHandle> handle = client.submitAsync(PAINT, onProgress);
        accept(peer.receive("submit"), taskId);
        return get(handle);
    }

    private void accept(JsonNode submit, String taskId) {
        peer.send(
                "{'type':'accepted','request':" + submit.get("request") + ",'task_id':'" + taskId + "','subtasks':10}");
    }

    private static String progress(String taskId, int done) {
        return "{'type':'progress','task_id':'" + taskId + "','total':1000,'done':" + done + "}";
    }

    private static String completed(String taskId) {
        return "{'type':'completed','task_id':'" + taskId + "','result':5}";
    }
}
