package io.divvy.client;

import static io.divvy.client.Waiting.failure;
import static io.divvy.client.Waiting.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.ScriptedServer.Dialogue;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Closing ends all waits with a reason, at once, in whatever state the client is, and leaves no thread. */
class CloseTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final TaskRequest PAINT = TaskRequest.of("paint").payload(1);

    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void closeFailsWhateverWaitsAndLeavesNoThread() {
        Dialogue talk = server.connect();
        CompletableFuture<TaskHandle> submission = talk.client().submitAsync(PAINT);
        accept(talk, talk.peer().receive("submit"));
        CompletableFuture<JsonNode> result = get(submission).result();
        CompletableFuture<TaskView> status = talk.client().statusAsync("t");
        CompletableFuture<TaskView> cancel = talk.client().cancelAsync("t");
        assertTrue(threads().size() >= 3, () -> threads().toString());

        talk.client().close();
        assertEquals(List.of(), threads());
        for (CompletableFuture<?> waiting : List.of(result, status, cancel)) {
            ClientClosedException closed = failure(ClientClosedException.class, waiting);
            assertTrue(closed.getMessage().contains("this client was closed"), closed.getMessage());
        }
        failure(ClientClosedException.class, talk.client().submitAsync(PAINT));
        talk.client().close();
    }

    @Test
    void aClientThatWaitsForItsServerToComeBackIsClosedAtOnce() {
        Dialogue talk = server.connect();
        CompletableFuture<TaskView> status = talk.client().statusAsync("t");
        server.stopListening();
        talk.peer().vanish();
        assertTimeoutPreemptively(AT_ONCE, talk.client()::close);
        failure(ClientClosedException.class, status);
        assertEquals(List.of(), threads());
    }

    @Test
    void anAttemptToConnectThatHangsIsBrokenOff() throws Exception {
        Dialogue talk = server.connect();
        talk.client().statusAsync("t");
        // Connections that nobody accepts, until the system takes no more: then a connect hangs.
        List<Socket> filling = fillBacklog();
        talk.peer().vanish();
        Awaitility.await().until(() -> isConnecting("divvy-client"));
        assertTimeoutPreemptively(AT_ONCE, talk.client()::close);
        assertEquals(List.of(), threads());
        for (Socket socket : filling) {
            socket.close();
        }
    }

    private List<Socket> fillBacklog() {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int count = 0; count < 1_000; count++) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.connect(server.address(), 200);
            }
        } catch (IOException e) {
            return sockets; // Full.
        }
        throw new AssertionError("a backlog of 1 took " + sockets.size() + " connections");
    }

    private static boolean isConnecting(String threadName) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().equals(threadName))
                .flatMap(entry -> List.of(entry.getValue()).stream())
                .anyMatch(frame -> frame.getMethodName().equals("connect")
                        && frame.getClassName().equals("java.net.Socket"));
    }

    @Test
    void aConnectionThatTakesNothingMoreIsClosedAtOnce() {
        Dialogue talk = server.connect();
        // More than any buffer holds, to a peer that does not read.
        TaskRequest large = TaskRequest.of("paint").payload("x".repeat(4_000_000));
        List<CompletableFuture<TaskHandle>> submissions = new ArrayList<>();
        for (int count = 0; count < 10; count++) {
            submissions.add(talk.client().submitAsync(large));
        }
        Awaitility.await().until(CloseTest::isWriting);
        assertTimeoutPreemptively(AT_ONCE, talk.client()::close);
        submissions.forEach(submission -> failure(ClientClosedException.class, submission));
        assertEquals(List.of(), threads());
    }

    private static boolean isWriting() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().equals("divvy-client"))
                .flatMap(entry -> List.of(entry.getValue()).stream())
                .anyMatch(frame -> frame.getMethodName().equals("send"));
    }

    @Test
    void aCallbackMayCloseTheClient() throws Exception {
        Dialogue talk = server.connect();
        CountDownLatch closed = new CountDownLatch(1);
        CompletableFuture<TaskHandle> submission = talk.client().submitAsync(PAINT, progress -> {
            talk.client().close();
            closed.countDown();
        });
        accept(talk, talk.peer().receive("submit"));
        talk.peer().send("{'type':'progress','task_id':'t','total':10}");
        assertTrue(closed.await(20, TimeUnit.SECONDS));
        failure(ClientClosedException.class, get(submission).result());
        Awaitility.await().until(() -> threads().isEmpty());
    }

    private static void accept(Dialogue talk, JsonNode submit) {
        talk.peer().send("{'type':'accepted','request':" + submit.get("request") + ",'task_id':'t','subtasks':10}");
    }

    /** Of clients. */
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("divvy-client"))
                .sorted()
                .toList();
    }
}
