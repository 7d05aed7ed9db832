package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers of a plain sender that wait behind a task that nobody does are bounded, all such senders together. */
class HeldAnswersOfPlainSendersTest {
    private static final int ROOM = 20;
    /** Far more than are read at once. */
    private static final int MANY = 5_000;
    /** In so many turns of the loop all of them are read if nothing forbids it. */
    private static final int PIECES = 100;

    private final TcpServer server = TcpServer.start(
            NetLimits.DEFAULT, Limits.DEFAULT, ServerLimitsOf.with("watcherBytes", ROOM * TaskWatchers.WATCHER_BYTES));

    private static String task(String id, int subtasks) {
        return "{'task_id':'" + id + "','range':[1,3],'num_subtasks':" + subtasks + "}";
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whoHasTooManyIsNotReadFromUntilItsTaskEnds() {
        WirePeer greedy = WirePeer.plainSender(server);
        greedy.send(task("first", 1));
        greedy.sendTogether(Collections.nCopies(MANY, task("bad", 0)));
        await().until(() -> server.load().watchers() >= ROOM);
        WirePeer other = WirePeer.plainSender(server);
        other.send(task("second", 1));
        for (int piece = 0; piece < PIECES; piece++) {
            server.settle();
        }
        assertEquals(2, server.load().openTasks());
        int watchers = server.load().watchers();
        assertTrue(watchers < MANY / 2, watchers + ": those of one read may be beyond the room, not more");

        WirePeer worker = WirePeer.plainWorker(server);
        for (int i = 0; i < 2; i++) {
            worker.answerPlainly(worker.receive());
        }
        assertEquals(14, other.receive().get("result").intValue());
        assertEquals(14, greedy.receive().get("result").intValue());
        for (int i = 0; i < MANY; i++) {
            assertEquals("failed", greedy.receive().get("status").textValue());
        }
        await().until(() -> server.load().watchers() == 0);
    }

    @Test
    void whoGoesAwayMakesRoom() {
        WirePeer sender = WirePeer.plainSender(server);
        sender.send(task("first", 1));
        sender.sendTogether(Collections.nCopies(ROOM / 2, task("bad", 0)));
        await().until(() -> server.load().watchers() == 1 + ROOM / 2);
        sender.reset();
        await().until(() -> server.load().watchers() == 0);
    }
}
