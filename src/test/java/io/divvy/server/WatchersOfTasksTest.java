package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However many connections attach to however many tasks, what the server keeps of that is bounded. */
class WatchersOfTasksTest {
    private static final String TASK = "{'type':'mine','payloads':[1],'key':'the same'}";

    private final TcpServer server = TcpServer.start(
            NetLimits.DEFAULT,
            Limits.DEFAULT,
            ServerLimitsOf.with(draft -> draft.watcherBytes = 2 * TaskWatchers.WATCHER_BYTES));
    private final WirePeer first = WirePeer.sender(server);
    private final WirePeer second = WirePeer.sender(server);
    private final WirePeer third = WirePeer.sender(server);
    private final WirePeer fourth = WirePeer.sender(server);
    private String task;

    @BeforeEach
    void twoMayWatchBesideTheFirst() {
        first.send("{'type':'submit','request':1,'task':" + TASK + "}");
        task = first.receive("accepted").get("task_id").textValue();
        attach(second);
        second.receive("task");
        third.send("{'type':'submit','request':1,'task':" + TASK + "}");
        third.receive("accepted");
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        third.close();
        fourth.close();
        server.close();
    }

    private void attach(WirePeer sender) {
        sender.send("{'type':'attach','request':2,'task_id':'" + task + "'}");
    }

    @Test
    void aWatcherWithoutRoomIsBusyAndAttachesOnceThereIsRoom() {
        attach(fourth);
        String told = fourth.receiveError("busy");
        assertTrue(told.startsWith("as many wait for unfinished tasks as the server has memory for"), told);
        second.cut();
        await().until(() -> server.load().desk().watchers() == 2);
        attach(fourth);
        fourth.receive("task");
        first.send("{'type':'cancel','task_id':'" + task + "'}");
        for (WirePeer waiting : new WirePeer[] {first, third, fourth}) {
            assertEquals(task, waiting.receive("cancelled").get("task_id").textValue());
        }
        assertEquals(0, server.load().desk().watchers());
    }

    @Test
    void aSubmissionOfAKnownTaskWithoutRoomToWatchIsBusy() {
        fourth.send("{'type':'submit','request':3,'task':" + TASK + "}");
        fourth.receiveError("busy");
        third.send("{'type':'submit','request':4,'task':" + TASK + "}");
        assertEquals(4, third.receive("accepted").get("request").intValue(), "it waits already");
    }

    @Test
    void aTaskWithoutRoomToWatchCanBeCancelled() {
        fourth.send("{'type':'cancel','request':3,'task_id':'" + task + "'}");
        fourth.receive("cancelled");
    }

    @Test
    void newTasksAreAcceptedWithoutRoomForWatchers() {
        fourth.send("{'type':'submit','request':3,'task':{'type':'mine','payloads':[1]}}");
        fourth.receive("accepted");
        assertEquals(4, server.load().desk().watchers());
    }
}
