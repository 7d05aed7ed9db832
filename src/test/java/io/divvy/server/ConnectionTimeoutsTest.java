package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.NetLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is due and does not come, over real sockets, by a clock that the test turns. */
class ConnectionTimeoutsTest {
    private static final NetLimits LIMITS = NetLimits.DEFAULT;
    /** More than the system keeps for a peer that reads nothing. */
    private static final int RESULT = 3_000_000;

    @Test
    void aThousandSilentConnectionsKeepNobodyFromWorkingAndAreSentAway() {
        try (TcpServer server = TcpServer.start();
                DiligentWorker worker = new DiligentWorker(server, 2);
                WirePeer sender = WirePeer.sender(server)) {
            List<WirePeer> silent = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                silent.add(WirePeer.connect(server));
            }
            sender.send("{'type':'submit','request':1,"
                    + "'task':{'type':'sum_of_squares','params':{'start':1,'end':1000},'subtasks':100}}");
            sender.receive("accepted");
            JsonNode completed = sender.receive("completed");
            assertEquals(333_833_500, completed.get("result").longValue());

            server.advanceMs(LIMITS.handshakeTimeoutMs());
            for (WirePeer peer : silent) {
                assertEquals("no message came within 10000 ms", peer.receiveError("handshake_timeout"));
                peer.receiveEnd();
                peer.close();
            }
            assertTrue(worker.isAlive());
            sender.send("{'type':'status','request':2,'task_id':'x'}");
            sender.receiveError("not_found");
        }
    }

    @Test
    void anUnfinishedHelloDoesNotBuyMoreTime() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.connect(server)) {
            peer.sendBytes(Arrays.copyOf(WirePeer.frame("{'type':'worker'}"), 10));
            server.settle();
            server.advanceMs(LIMITS.handshakeTimeoutMs());
            peer.receiveError("handshake_timeout");
            peer.receiveEnd();
        }
    }

    @Test
    void aPeerThatSendsNothingMoreHasTheTimeToReadItsAnswers() {
        try (TcpServer server =
                        TcpServer.start(NetLimitsOf.outbound(10, LIMITS.writeTimeoutMs(), 4 << 20, 8 << 20, 16 << 20));
                WirePeer worker = WirePeer.worker(server, 1);
                WirePeer slow = WirePeer.connectWithSmallBuffer(server)) {
            slow.send("{'type':'task_sender','protocol':2}");
            slow.receive("welcome");
            slow.send("{'type':'submit','request':1,'task':{'type':'mine','payloads':[1]}}");
            slow.receive("accepted");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            slow.finish();
            worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':['" + "x".repeat(RESULT)
                    + "']}");
            await().until(() -> server.gauges().outboundBytes() > 0);
            server.settle();

            server.advanceMs(LIMITS.writeTimeoutMs() - 1);
            assertEquals(
                    RESULT,
                    slow.receive("completed").at("/result/0").textValue().length());
            slow.receiveEnd();
        }
    }

    @Test
    void aFrameThatStallsEndsTheConnection() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.sender(server)) {
            byte[] frame = WirePeer.frame("{'type':'status','request':1,'task_id':'x'}");
            peer.sendBytes(Arrays.copyOf(frame, 20));
            server.settle();
            server.advanceMs(LIMITS.frameTimeoutMs() - 1);
            assertEquals(0, peer.available());
            server.advanceMs(1);
            assertEquals("a frame began and nothing more of it came for 30000 ms", peer.receiveError("bad_frame"));
            peer.receiveEnd();
        }
    }

    @Test
    void aFrameThatComesSlowlyIsNotLateWhileSomeOfItComes() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.sender(server)) {
            byte[] frame = WirePeer.frame("{'type':'status','request':1,'task_id':'x'}");
            for (int at = 0; at < 10; at++) {
                peer.sendBytes(frame[at]);
                server.settle();
                server.advanceMs(LIMITS.frameTimeoutMs() - 1);
            }
            peer.sendBytes(Arrays.copyOfRange(frame, 10, frame.length));
            peer.receiveError("not_found");
        }
    }

    @Test
    void aFrameThatComesByteByByteDoesNotHoldItsRoomForEver() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.sender(server)) {
            byte[] frame = WirePeer.frame("{'type':'status','request':1,'task_id':'x'}");
            int everyMs = 20_000;
            for (int at = 0; at * everyMs < LIMITS.frameLongestMs(); at++) {
                assertEquals(0, peer.available());
                peer.sendBytes(frame[at]);
                server.settle();
                server.advanceMs(everyMs);
            }
            assertEquals("a frame began and did not end within 600000 ms", peer.receiveError("bad_frame"));
            peer.receiveEnd();
        }
    }

    @Test
    void theTimeOfAFrameBeginsWithItsFirstByteNotWithTheConnection() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.sender(server)) {
            byte[] frame = WirePeer.frame("{'type':'status','request':1,'task_id':'x'}");
            for (int i = 0; i < 5; i++) {
                peer.sendBytes(Arrays.copyOf(frame, 20));
                server.settle();
                server.advanceMs(LIMITS.frameTimeoutMs() - 1);
                peer.sendBytes(Arrays.copyOfRange(frame, 20, frame.length));
                peer.receiveError("not_found");
            }
        }
    }

    @Test
    void aSenderThatWaitsForNothingIsSentAwayAndOneThatWaitsIsNot() {
        try (TcpServer server = TcpServer.start();
                WirePeer waiting = WirePeer.sender(server);
                WirePeer idle = WirePeer.sender(server);
                WirePeer plainIdle = WirePeer.plainSender(server)) {
            waiting.send("{'type':'submit','request':1,"
                    + "'task':{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}}");
            waiting.receive("accepted");
            server.settle();

            server.advanceMs(ServerLimits.DEFAULT.idleSenderMs() - 1);
            idle.send("{'type':'status','request':1,'task_id':'x'}");
            idle.receiveError("not_found");
            server.advanceMs(1);
            plainIdle.receiveEnd();
            server.advanceMs(ServerLimits.DEFAULT.idleSenderMs() - 2);
            assertEquals(0, idle.available());
            server.advanceMs(1);
            idle.receiveEnd();

            try (DiligentWorker worker = new DiligentWorker(server, 1)) {
                assertEquals(14, waiting.receive("completed").get("result").longValue());
                assertTrue(worker.isAlive());
            }
            server.advanceMs(ServerLimits.DEFAULT.idleSenderMs());
            waiting.receiveEnd();
        }
    }

    @Test
    void aPeerThatTakesNothingForTooLongIsCut() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.connectWithSmallBuffer(server)) {
            peer.send("{'type':'task_sender','protocol':2}");
            SlowReading.askUntilTheServerWaits(server, peer);
            // The kernel may still take a little for the peer, so the time may begin once more.
            await().until(() -> {
                server.advanceMs(LIMITS.writeTimeoutMs());
                return server.gauges().connections() == 0;
            });
            peer.drainToEnd();
        }
    }

    @Test
    void aLongLivedConnectionKeepsNoMoreThanOneDeadline() {
        try (TcpServer server = TcpServer.start();
                WirePeer peer = WirePeer.sender(server)) {
            int before = server.gauges().deadlines();
            byte[] frame = WirePeer.frame("{'type':'status','request':1,'task_id':'x'}");
            for (int i = 0; i < 50; i++) {
                peer.sendBytes(Arrays.copyOf(frame, 20));
                server.settle();
                server.advanceMs(LIMITS.frameTimeoutMs() - 1);
                peer.sendBytes(Arrays.copyOfRange(frame, 20, frame.length));
                peer.receiveError("not_found");
                server.advanceMs(1_000);
            }
            assertEquals(before, server.gauges().deadlines());
        }
    }

    @Test
    void aClosedConnectionLeavesNoDeadlineBehind() {
        try (TcpServer server = TcpServer.start()) {
            server.settle();
            int before = server.gauges().deadlines();
            WirePeer.sender(server).close();
            WirePeer.connect(server).close();
            WirePeer.plainWorker(server).close();
            server.awaitConnections(0);
            assertEquals(before, server.gauges().deadlines());
        }
    }
}
