package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.testing.NetLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BackpressureTest {
    private static final int MUTE_ABOVE = 64 << 10;
    private static final int OUTBOUND = 1 << 20;
    private static final NetLimits LIMITS = limits(100, MUTE_ABOVE, 60_000);

    /** With so little room in the system that the server soon has to wait for a peer that does not read. */
    private static NetLimits limits(int connections, long muteAboveBytes, long writeTimeoutMs) {
        return limits(connections, muteAboveBytes, writeTimeoutMs, OUTBOUND);
    }

    private static NetLimits limits(int connections, long muteAboveBytes, long writeTimeoutMs, long outboundBytes) {
        return NetLimitsOf.outbound(connections, writeTimeoutMs, muteAboveBytes, outboundBytes, 64 << 20);
    }

    @Test
    void aSlowReaderIsNotReadFromAndGetsEveryAnswerOnceItReads() {
        try (TcpServer server = TcpServer.start(LIMITS);
                WirePeer peer = WirePeer.connectWithSmallBuffer(server)) {
            peer.send("{'type':'task_sender','protocol':2}");
            peer.receive("welcome");
            // More than any buffer on the way holds, so this write blocks until the peer reads.
            int questions = 50_000;
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> SlowReading.ask(peer, questions));
            await().until(() -> server.gauges().muted() == 1);
            long waiting = server.gauges().outboundBytes();
            assertTrue(waiting < OUTBOUND, waiting + " bytes wait");

            for (int i = 0; i < questions; i++) {
                peer.receiveError("not_found");
            }
            asking.join();
            server.settle();
            assertEquals(0, server.gauges().muted());
            assertEquals(0, server.gauges().outboundBytes());
        }
    }

    /** One that waits for its turn counts as muted for a moment, and the system may take what makes it muted. */
    private static boolean staysMuted(TcpServer server) {
        for (int look = 0; look < 20; look++) {
            server.settle();
            if (server.gauges().muted() == 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void aMutedPeerIsNotLate() {
        NetLimits patient = limits(100, MUTE_ABOVE, 600_000);
        try (TcpServer server = TcpServer.start(patient);
                WirePeer peer = WirePeer.connectWithSmallBuffer(server)) {
            peer.send("{'type':'task_sender','protocol':2}");
            peer.receive("welcome");
            int asked = 0;
            boolean isMuted = false;
            while (!isMuted) {
                SlowReading.ask(peer, 200);
                asked += 200;
                // Half of a question: the rest follows when the peer has read what is there for it.
                byte[] question = WirePeer.frame("{'type':'status','request':7,'task_id':'y'}");
                peer.sendBytes(Arrays.copyOf(question, 20));
                isMuted = staysMuted(server);
                if (!isMuted) {
                    peer.sendBytes(Arrays.copyOfRange(question, 20, question.length));
                    asked++;
                }
            }
            server.advanceMs(patient.frameTimeoutMs() + 1);
            for (int i = 0; i < asked; i++) {
                peer.receiveError("not_found");
            }
            server.settle();
            peer.sendBytes(Arrays.copyOfRange(WirePeer.frame("{'type':'status','request':7,'task_id':'y'}"), 20, 47));
            JsonNode last = peer.receive("error");
            assertEquals("not_found", last.get("code").textValue());
        }
    }

    @Test
    void onlyThePeerForWhichTooMuchWaitsIsDisconnected() {
        // Not muted in time: the limit is reached within one read.
        NetLimits hasty = limits(100, 1 << 30, 60_000);
        try (TcpServer server = TcpServer.start(hasty);
                WirePeer other = WirePeer.sender(server);
                WirePeer peer = WirePeer.connectWithSmallBuffer(server)) {
            peer.send("{'type':'task_sender','protocol':2}");
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> SlowReading.ask(peer, 200_000));
            server.awaitConnections(1);
            assertTrue(peer.drainToEnd() < 200_000L * 100, "not all of it was answered");
            asking.handle((done, cutOff) -> "both are fine").join();
            other.send("{'type':'status','request':2,'task_id':'x'}");
            other.receiveError("not_found");
        }
    }

    /** Each of them is below its own limit. */
    @Test
    void thePeerForWhichTheMostWaitsIsDisconnectedWhenAllTogetherExceedTheBudget() {
        NetLimits tight = NetLimitsOf.outbound(100, 60_000, MUTE_ABOVE, OUTBOUND, 100_000);
        try (TcpServer server = TcpServer.start(tight);
                WirePeer other = WirePeer.sender(server)) {
            List<WirePeer> deaf = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                WirePeer peer = WirePeer.connectWithSmallBuffer(server);
                deaf.add(peer);
                peer.send("{'type':'task_sender','protocol':2}");
                CompletableFuture.runAsync(() -> SlowReading.ask(peer, 20_000));
                await().until(() ->
                        server.gauges().muted() > 0 || server.gauges().connections() < deaf.size() + 1);
            }
            await().until(() -> server.gauges().connections() <= 2);
            assertTrue(server.gauges().outboundBytes() <= 100_000);
            other.send("{'type':'status','request':2,'task_id':'x'}");
            other.receiveError("not_found");
            deaf.forEach(WirePeer::vanish);
        }
    }

    @Test
    void atTheLimitOfConnectionsTheNextOneWaitsUntilOneCloses() {
        NetLimits two = limits(2, MUTE_ABOVE, 60_000);
        try (TcpServer server = TcpServer.start(two);
                WirePeer first = WirePeer.sender(server);
                WirePeer second = WirePeer.sender(server);
                WirePeer third = WirePeer.connect(server)) {
            third.send("{'type':'task_sender','protocol':2}");
            server.settle();
            assertEquals(2, server.gauges().connections());
            assertEquals(0, third.available());

            first.vanish();
            third.receive("welcome");
            second.send("{'type':'status','request':2,'task_id':'x'}");
            second.receiveError("not_found");
            assertEquals(2, server.gauges().connections());
        }
    }

    @Test
    void aWorkerThatReadsSlowlyIsAlive() {
        try (TcpServer server = TcpServer.start(limits(100, MUTE_ABOVE, 60_000, 4 << 20));
                WirePeer sender = WirePeer.sender(server);
                WirePeer worker = WirePeer.connectWithSmallBuffer(server)) {
            worker.send("{'type':'worker','protocol':2,'slots':1,'task_types':['echo']}");
            worker.receive("welcome");
            String payload = "'" + "x".repeat(2_000_000) + "'";
            sender.send("{'type':'submit','request':1,'task':{'type':'echo','payloads':[" + payload + "]}}");
            sender.receive("accepted");
            worker.receive("task");
            await().until(() -> server.gauges().muted() == 1);
            // It takes a part of its payload now and then; what it says meanwhile is not read.
            JsonNode assign = worker.receiveSlowly(200_000, () -> server.advanceMs(5_000));
            worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':0,'results':['done']}");
            assertEquals(
                    "done", sender.receive("completed").get("result").get(0).textValue());
        }
    }
}
