package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** One connection may wait for so many tasks and no more. */
class TasksOfOneSenderTest {
    private static final int MOST = 3;

    private static TcpServer server() {
        return TcpServer.start(NetLimits.DEFAULT, Limits.DEFAULT, ServerLimitsOf.tasksPerSender(MOST));
    }

    private static String submit(int request) {
        return "{'type':'submit','request':" + request
                + ",'task':{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}}";
    }

    @Test
    void aSenderThatWaitsForTooManyTasksIsToldAndGoesOnWhenOneHasEnded() {
        try (TcpServer server = server();
                WirePeer sender = WirePeer.sender(server)) {
            String first = "";
            for (int request = 0; request < MOST; request++) {
                sender.send(submit(request));
                first = sender.receive("accepted").get("task_id").textValue();
            }
            sender.send(submit(9));
            String told = sender.receiveError("limit_exceeded");
            assertTrue(told.startsWith("this connection waits for 3 tasks, as many as it may"), told);
            sender.send("{'type':'attach','request':10,'progress':false,'task_id':'" + first + "'}");
            sender.receive("task");

            sender.send("{'type':'cancel','task_id':'" + first + "'}");
            sender.receive("cancelled");
            sender.send(submit(11));
            assertEquals(11, sender.receive("accepted").get("request").intValue());
        }
    }

    /** The same task again, and what is no task at all, wait for the answers before them alike. */
    @Test
    void aPlainSenderToWhichTooManyAnswersAreDueIsNotReadFromAndGetsAllOfThem() {
        try (TcpServer server = server();
                WirePeer sender = WirePeer.plainSender(server)) {
            int repeated = 10_000;
            String task = "{'task_id':'same','range':[1,3],'num_subtasks':1}";
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                sender.sendTogether(Collections.nCopies(repeated, task));
                sender.sendTogether(Collections.nCopies(repeated, "{'task_id':'none','range':[1],'num_subtasks':1}"));
            });
            await().until(() -> server.gauges().muted() == 1);
            // As many as one read brings may come after the limit.
            assertTrue(server.load().desk().watchers() < 2_000, server.load().toString());

            try (DiligentWorker worker = new DiligentWorker(server, 1)) {
                for (int i = 0; i < repeated; i++) {
                    assertEquals(14, sender.receive().get("result").intValue());
                }
                for (int i = 0; i < repeated; i++) {
                    assertEquals("failed", sender.receive().get("status").textValue());
                }
                assertTrue(worker.isAlive());
            }
            sending.join();
            server.settle();
            assertEquals(0, server.gauges().muted());
        }
    }
}
