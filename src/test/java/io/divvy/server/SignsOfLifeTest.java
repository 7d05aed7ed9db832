package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.NetLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.io.ByteArrayOutputStream;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a server does so that its peers know that it is there, and what it takes for a sign of theirs; by a clock that the test turns. */
class SignsOfLifeTest {
    private static final long HEARTBEAT_MS = ServerLimits.DEFAULT.heartbeatMs();
    private static final String SUBMIT = "{'type':'submit','request':1,"
            + "'task':{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}}";
    private static final String PLAIN_TASK = "{'task_id':'t','range':[1,3],'num_subtasks':1}";
    private static final long LONGEST_SILENCE_MS = 30_000;

    @Test
    void quietPeersOfProtocol2HearHeartbeats() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server);
                WirePeer worker = WirePeer.worker(server, 1)) {
            for (int beat = 0; beat < 3; beat++) {
                server.advanceMs(HEARTBEAT_MS);
                worker.send("{'type':'heartbeat'}");
                assertEquals("{\"type\":\"heartbeat\"}", sender.receiveAny().toString());
                assertEquals("{\"type\":\"heartbeat\"}", worker.receiveAny().toString());
            }
            assertEquals(0, sender.availableWithHeartbeats());
            assertEquals(0, worker.availableWithHeartbeats());
        }
    }

    @Test
    void aPeerThatHearsOtherMessagesNeedsNoHeartbeat() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server)) {
            server.advanceMs(HEARTBEAT_MS - 1_000);
            sender.send("{'type':'status','task_id':'none'}");
            sender.receiveError("not_found");
            server.advanceMs(HEARTBEAT_MS - 1_000);
            assertEquals(0, sender.availableWithHeartbeats());
            server.advanceMs(1_000);
            assertEquals("heartbeat", sender.receiveAny().get("type").textValue());
        }
    }

    @Test
    void plainPeersHearNothingNew() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.plainSender(server);
                WirePeer worker = WirePeer.plainWorker(server)) {
            server.settle();
            server.advanceMs(3 * HEARTBEAT_MS);
            assertEquals(0, sender.availableWithHeartbeats());
            assertEquals(0, worker.availableWithHeartbeats());
        }
    }

    @Test
    void aConnectionTakesItsTimerWithIt() {
        try (TcpServer server = TcpServer.start()) {
            int before = server.gauges().deadlines();
            try (WirePeer sender = WirePeer.sender(server)) {
                server.settle();
                assertTrue(server.gauges().deadlines() > before);
            }
            server.awaitConnections(0);
            assertEquals(before, server.gauges().deadlines());
        }
    }

    @Test
    void aSenderThatShutItsSendingSideStillGetsItsAnswers() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server);
                WirePeer plain = WirePeer.plainSender(server);
                WirePeer worker = WirePeer.worker(server, 2)) {
            sender.send(SUBMIT);
            sender.send("{'type':'status','request':2,'task_id':'none'}");
            sender.finish();
            plain.send(PLAIN_TASK);
            plain.finish();
            // Which of the two comes first depends on how long the store takes for a commit and for a look.
            assertEquals(
                    Set.of("accepted", "error"),
                    Set.of(
                            sender.receive().get("type").textValue(),
                            sender.receive().get("type").textValue()));
            for (int lease = 0; lease < 2; lease++) {
                worker.answer(worker.receiveAfter("assign", "task", "forget"));
            }
            assertEquals(14, sender.receive("completed").get("result").intValue());
            sender.receiveEnd();
            assertEquals(
                    "{\"status\":\"completed\",\"result\":14}", plain.receive().toString());
            plain.receiveEnd();
            server.awaitConnections(1);
        }
    }

    @Test
    void answersThatComeFromTheStoreAreWaitedForToo() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server);
                WirePeer worker = WirePeer.worker(server, 1)) {
            sender.send(SUBMIT);
            String task = sender.receive("accepted").get("task_id").textValue();
            worker.answer(worker.receiveAfter("assign", "task"));
            sender.receive("completed");
            for (String request : new String[] {"status", "attach", "cancel"}) {
                try (WirePeer other = WirePeer.sender(server)) {
                    other.send("{'type':'" + request + "','request':1,'task_id':'" + task + "'}");
                    other.finish();
                    if (!request.equals("cancel")) {
                        other.receive("task");
                    }
                    if (!request.equals("status")) {
                        assertEquals(
                                14, other.receive("completed").get("result").intValue());
                    }
                    other.receiveEnd();
                }
            }
        }
    }

    @Test
    void aSenderThatIsOwedNothingIsClosedWhenItSendsNothingMore() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server);
                WirePeer plain = WirePeer.plainSender(server)) {
            sender.finish();
            plain.finish();
            sender.receiveEnd();
            plain.receiveEnd();
        }
    }

    @Test
    void aSenderThatOnlyWaitsHearsHeartbeatsAndIsMissedWhenItVanishes() {
        try (TcpServer server = TcpServer.start();
                WirePeer sender = WirePeer.sender(server)) {
            sender.send(SUBMIT);
            sender.receive("accepted");
            sender.finish();
            for (int beat = 0; beat < 3; beat++) {
                server.advanceMs(HEARTBEAT_MS);
                assertEquals("heartbeat", sender.receiveAny().get("type").textValue());
            }
            assertEquals(1, server.gauges().connections());
            sender.vanish();
            server.awaitVanished(0);
            assertEquals(0, server.load().desk().watchers());
        }
    }

    @Test
    void aPlainSenderThatOnlyWaitsIsMissedWhenItIsCutOff() {
        try (TcpServer server = TcpServer.start();
                WirePeer plain = WirePeer.plainSender(server)) {
            plain.send(PLAIN_TASK);
            plain.finish();
            server.settle();
            server.advanceMs(LONGEST_SILENCE_MS);
            assertEquals(1, server.gauges().connections(), "it waits for as long as its task takes");
            plain.cut();
            server.awaitVanished(0);
            assertEquals(0, server.load().desk().watchers());
        }
    }

    /** It gave up waiting, after it had said more than is read at once. Each complaint about that is a write that fails. */
    @Test
    void framesOfAWorkerThatGaveTheServerUpAreReadToTheirEnd() {
        try (TcpServer server = TcpServer.start(NetLimitsOf.readBufferBytes(1 << 10));
                WirePeer sender = WirePeer.sender(server)) {
            sender.send(SUBMIT);
            sender.receive("accepted");
            ByteArrayOutputStream last = new ByteArrayOutputStream();
            byte[] unknown = WirePeer.frame("{'type':'unknown','filler':'" + "x".repeat(1_000) + "'}");
            for (int i = 0; i < 40; i++) {
                last.writeBytes(unknown);
            }
            last.writeBytes(WirePeer.frame("{'type':'drain'}"));
            for (int i = 0; i < 4; i++) {
                WirePeer worker = WirePeer.worker(server, 1, "'task_types':['*'],'name':'w" + i + "'");
                worker.receive("task");
                worker.receive("assign");
                server.pauseMs(LONGEST_SILENCE_MS + 1_000, () -> {
                    worker.sendBytes(last.toByteArray());
                    worker.close();
                });
                server.awaitConnections(1);
            }
            try (WirePeer worker = WirePeer.worker(server, 1)) {
                worker.answer(worker.receiveAfter("assign", "task"));
                assertEquals(14, sender.receive("completed").get("result").intValue());
            }
        }
    }
}
