package io.divvy.store.sqlite;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.store.Retention;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What senders hear of a server whose commits take long or fail, and what they leave behind. */
class SendersOfASlowStoreTest {
    private static final int MOST_TASKS = 3;
    /** More than are read at once from a sender to which too many answers are due. */
    private static final int MANY = 5_000;
    /** Until a cancellation that cannot be saved is answered; an answer has to come within 5 s. */
    private static final long CANCEL_MS = 4_999;

    @TempDir
    Path folder;

    private final Faults faults = new Faults();
    private TcpServer server;

    @BeforeEach
    void open() throws IOException {
        Tuning quick = new Tuning(1_000_000, 100, 1, 0, 1, 10, 60_000, 5_000, 1 << 20, 1 << 20);
        server = TcpServer.start(
                SqliteStore.open(folder, Retention.DEFAULT, quick, faults), ServerLimitsOf.tasksPerSender(MOST_TASKS));
    }

    @AfterEach
    void close() {
        faults.commit = Faults.Commit.SUCCEEDS;
        faults.released.release(1_000);
        server.close();
    }

    private static String submit(int request) {
        return "{'type':'submit','request':" + request + ",'task':{'type':'mine','payloads':[1],'key':'k" + request
                + "'}}";
    }

    private void commitsGoOn() {
        faults.commit = Faults.Commit.SUCCEEDS;
        faults.released.release(1_000);
    }

    private boolean isReady() {
        return server.gateway()
                .ready()
                .handle((ready, failure) -> failure == null)
                .join();
    }

    private String accepted(WirePeer sender) {
        sender.send(submit(1));
        return sender.receive("accepted").get("task_id").textValue();
    }

    /** Its task is saved when nobody is there any more to hear of its end. */
    private void leavesNobodyBehind(WirePeer sender, String submit) {
        faults.commit = Faults.Commit.HANGS;
        sender.send(submit);
        await().until(() -> server.load().desk().waitingSubmissions() == 1);
        sender.reset();
        server.awaitConnections(0);
        commitsGoOn();
        await().until(() -> server.load().desk().waitingSubmissions() == 0);
        assertEquals(1, server.load().desk().openTasks());
        assertEquals(0, server.load().desk().watchers());
    }

    @Test
    void aSenderThatVanishesBeforeItsTaskIsSavedIsNotAmongThoseWhoWaitForIt() {
        leavesNobodyBehind(WirePeer.sender(server), submit(1));
    }

    @Test
    void aPlainSenderThatVanishesBeforeItsTaskIsSavedIsNotAmongThoseWhoWaitForIt() {
        leavesNobodyBehind(WirePeer.plainSender(server), "{'task_id':'a','range':[1,3],'num_subtasks':1}");
    }

    @Test
    void submitsSentBeforeTheFirstIsAnsweredDoNotPassTheBoundOfTasksOfOneSender() {
        faults.commit = Faults.Commit.HANGS;
        try (WirePeer sender = WirePeer.sender(server)) {
            for (int request = 1; request <= MOST_TASKS + 2; request++) {
                sender.send(submit(request));
            }
            sender.receiveError("limit_exceeded");
            sender.receiveError("limit_exceeded");
            commitsGoOn();
            List<Integer> requests = new ArrayList<>();
            for (int i = 0; i < MOST_TASKS; i++) {
                requests.add(sender.receive("accepted").get("request").intValue());
            }
            assertEquals(List.of(1, 2, 3), requests);
            server.settle();
            assertEquals(MOST_TASKS, server.load().desk().watchers());
        }
    }

    @Test
    void refusedTasksDoNotCountAsTasksOfTheirSender() {
        faults.commit = Faults.Commit.FAILS;
        try (WirePeer sender = WirePeer.sender(server)) {
            for (int request = 1; request <= 2 * MOST_TASKS; request++) {
                sender.send(submit(request));
                sender.receiveError("busy");
            }
            commitsGoOn();
            await().until(this::isReady);
            accepted(sender);
        }
    }

    @Test
    void aCancellationThatCannotBeSavedIsAnsweredInTimeAndTakesEffect() {
        try (WirePeer sender = WirePeer.sender(server);
                WirePeer other = WirePeer.sender(server)) {
            String id = accepted(sender);
            String cancel = "{'type':'cancel','request':7,'task_id':'" + id + "'}";
            faults.commit = Faults.Commit.FAILS;
            other.send(cancel);
            sender.send(cancel);
            server.settle();
            server.advanceMs(CANCEL_MS);
            assertTrue(other.receiveError("busy").contains(id));
            assertTrue(sender.receiveError("busy").contains("takes effect"));

            commitsGoOn();
            sender.receive("cancelled");
            other.send(cancel);
            assertEquals(id, other.receive("cancelled").get("task_id").textValue());
        }
    }

    @Test
    void aSenderThatAsksForMoreThanIsAnsweredIsNotReadFromAndWaitsForOneEndOnce() {
        try (WirePeer sender = WirePeer.sender(server);
                WirePeer other = WirePeer.sender(server)) {
            String id = accepted(sender);
            faults.commit = Faults.Commit.HANGS;
            other.sendTogether(Collections.nCopies(MANY, "{'type':'cancel','request':7,'task_id':'" + id + "'}"));
            await().until(() -> server.gauges().muted() == 1);
            for (int turn = 0; turn < 1_000; turn++) {
                server.settle();
            }
            assertEquals(1, server.gauges().muted());
            assertEquals(2, server.load().desk().watchers());

            commitsGoOn();
            sender.receive("cancelled");
            other.send("{'type':'status','request':8,'task_id':'" + id + "'}");
            JsonNode status = other.receiveAfter("task", "cancelled");
            assertEquals(8, status.get("request").intValue());
            server.settle();
            assertEquals(0, server.gauges().muted());
            assertEquals(0, server.load().desk().watchers());
        }
    }

    @Test
    void aCancellationOverHttpThatCannotBeSavedIsAnsweredInTimeAndTakesEffect() {
        try (WirePeer sender = WirePeer.sender(server)) {
            String id = accepted(sender);
            faults.commit = Faults.Commit.FAILS;
            var cancelled = server.gateway().cancel(id).orTimeout(20, TimeUnit.SECONDS);
            server.settle();
            server.advanceMs(CANCEL_MS);
            Throwable failure =
                    assertThrows(CompletionException.class, cancelled::join).getCause();
            assertEquals(ErrorCode.BUSY, ((RefusedException) failure).code(), failure::toString);
            commitsGoOn();
            JsonNode end = sender.receive("cancelled");
            assertEquals(id, end.get("task_id").textValue());
            assertEquals(0, server.load().desk().watchers());
        }
    }
}
