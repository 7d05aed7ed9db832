package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.testing.NetLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A server that was stopped and goes on, over real sockets, by a clock that the test turns. */
class PausedServerTest {
    private static final long PAUSE_MS = 18_000;
    /** More than the system gives in one look at them. */
    private static final int MANY = 1_300;
    /** Of a frame that takes more room than there is. */
    private static final int SENT = 3 << 19;

    private static final int STEP = 100_000;

    @Test
    void workersThatCouldNotBeHeardAreNotDropped() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server);
                WirePeer worker = WirePeer.worker(server, 1)) {
            sender.send("{'type':'submit','request':1,"
                    + "'task':{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}}");
            String task = sender.receive("accepted").get("task_id").textValue();
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            for (int pause = 0; pause < 10; pause++) {
                server.pauseMs(PAUSE_MS, () -> {}); // The worker was stopped too: it said nothing.
                assertEquals(1, server.load().workers(), "after pause " + pause);
                worker.send("{'type':'heartbeat'}");
            }
            worker.answer(lease);
            assertEquals(14, sender.receive("completed").get("result").intValue());
            sender.send("{'type':'status','request':2,'task_id':'" + task + "'}");
            assertEquals(0, sender.receive("task").at("/task/retries").intValue());
        }
    }

    @Test
    void silenceAfterThePauseStillCounts() {
        try (TcpServer server = TcpServer.start();
                WirePeer worker = WirePeer.worker(server, 1)) {
            server.pauseMs(PAUSE_MS, () -> {});
            server.advanceMs(15_000);
            assertEquals(0, server.load().workers());
            worker.drainToEnd();
        }
    }

    @Test
    void allThatWaitsToBeReadIsReadBeforeAnybodyIsTakenToBeSilent() {
        try (TcpServer server = TcpServer.start()) {
            List<WirePeer> workers = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                workers.add(WirePeer.worker(server, 1, "'task_types':['none']"));
            }
            server.settle();
            assertEquals(MANY, server.load().workers());
            server.advanceMs(15_000, () -> workers.forEach(worker -> worker.send("{'type':'heartbeat'}")));
            assertEquals(MANY, server.load().workers());
            workers.forEach(WirePeer::close);
        }
    }

    @Test
    void aPartOfAFrameIsASignOfLife() {
        try (TcpServer server = TcpServer.start();
                WirePeer worker = WirePeer.worker(server, 1)) {
            byte[] heartbeat = WirePeer.frame("{'type':'heartbeat'}");
            for (int at = 0; at < 3; at++) {
                worker.sendBytes(heartbeat[at]);
                server.settle();
                server.advanceMs(10_000);
            }
            assertEquals(1, server.load().workers());
        }
    }

    @Test
    void aPeerThatIsNotReadFromForWantOfRoomIsNotSilent() {
        // One frame takes all the room there is, and goes on; the other one has to wait.
        byte[] large = WirePeer.frame("{'type':'heartbeat','filler':'" + "x".repeat(2 << 20) + "'}");
        try (TcpServer server = TcpServer.start(NetLimitsOf.partialFrameBytes(1 << 20));
                WirePeer first = WirePeer.worker(server, 1);
                WirePeer second = WirePeer.worker(server, 1)) {
            first.sendBytes(Arrays.copyOf(large, SENT));
            second.sendBytes(Arrays.copyOf(large, SENT));
            await().until(() -> server.gauges().muted() > 0);
            for (int at = 0; at < 4; at++) {
                // The one that goes on does not come so slowly that it is cut for that.
                byte[] more = Arrays.copyOfRange(large, SENT + at * STEP, SENT + (at + 1) * STEP);
                first.sendBytes(more);
                second.sendBytes(more);
                for (int turns = 0; turns < 20; turns++) {
                    server.settle();
                }
                server.advanceMs(10_000);
            }
            assertEquals(2, server.load().workers());
        }
    }

    @Test
    void helloAndHalfAFrameHaveTheirTimeAfterThePause() {
        try (TcpServer server = TcpServer.start();
                WirePeer silent = WirePeer.connect(server);
                WirePeer half = WirePeer.sender(server)) {
            byte[] frame = WirePeer.frame("{'type':'status','request':1,'task_id':'x'}");
            half.sendBytes(Arrays.copyOf(frame, 20));
            server.settle();
            server.pauseMs(NetLimits.DEFAULT.frameTimeoutMs(), () -> {});
            silent.send("{'type':'task_sender','protocol':2}");
            silent.receive("welcome");
            half.sendBytes(Arrays.copyOfRange(frame, 20, frame.length));
            half.receiveError("not_found");
        }
    }
}
