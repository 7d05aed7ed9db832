package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocol 2 as a worker sees it. */
class WorkerProtocolTest {
    private static final long HEARTBEAT_MS = ServerLimits.DEFAULT.heartbeatMs();

    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        sender.vanish();
        server.close();
    }

    /** Submits a sum of squares of 1 to {@code end} and returns its id. */
    private String submit(int end, int subtasks, String moreFields) {
        sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','params':{'start':1,'end':" + end
                + "},'subtasks':" + subtasks + moreFields + "}}");
        return sender.receive("accepted").get("task_id").textValue();
    }

    private String submit(int end, int subtasks) {
        return submit(end, subtasks, "");
    }

    private void assertNothingMore(WirePeer peer) {
        server.settle();
        assertEquals(0, peer.available());
    }

    @Test
    void aWorkerIsWelcome() {
        try (WirePeer worker = WirePeer.connect(server)) {
            worker.send("{'protocol':2,'token':'ignored','slots':2,'credit':8,'name':'w','acks':false,"
                    + "'task_types':['*'],'from_the_future':{},'type':'worker'}");
            JsonNode welcome = worker.receive("welcome");
            assertEquals(2, welcome.get("protocol").intValue());
            assertEquals("divvy/test", welcome.get("server").textValue());
            assertEquals(5_000, welcome.get("heartbeat_ms").intValue());
            assertEquals(4_194_304, welcome.get("max_frame_bytes").intValue());
            assertFalse(welcome.get("session").textValue().isEmpty());
        }
    }

    @Test
    void whatAllWorkersDeclareIsBounded() {
        try (TcpServer tight =
                        TcpServer.start(NetLimits.DEFAULT, Limits.DEFAULT, ServerLimitsOf.declaredTypeBytes(100_000));
                WirePeer first = WirePeer.connect(tight);
                WirePeer second = WirePeer.connect(tight);
                WirePeer modest = WirePeer.connect(tight);
                WirePeer again = WirePeer.connect(tight)) {
            first.send(declaring("a", 100));
            first.receive("welcome");
            second.send(declaring("b", 100));
            assertTrue(second.receiveError("limit_exceeded").startsWith("task_types, derives: 100 names are too many"));
            second.receiveEnd();
            modest.send("{'type':'worker','protocol':2,'task_types':['*']}");
            modest.receive("welcome");
            second.vanish();
            first.vanish();
            tight.awaitConnections(2);
            again.send(declaring("b", 100));
            again.receive("welcome");
        }
    }

    private static String declaring(String prefix, int types) {
        return "{'type':'worker','protocol':2,'task_types':["
                + IntStream.range(0, types)
                        .mapToObj(i -> "'" + prefix + i + "'")
                        .collect(Collectors.joining(","))
                + "]}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'type':'worker','protocol':2}                                          | bad_message          | task_types: expected the names
            {'type':'worker','protocol':2,'task_types':[]}                          | bad_message          | task_types: expected the names
            {'type':'worker','protocol':2,'task_types':'*'}                         | bad_message          | task_types: expected an array of at most
            {'type':'worker','protocol':2,'task_types':['a b']}                     | bad_message          | task_types: expected an array of at most
            {'type':'worker','protocol':2,'task_types':['*'],'derives':['*']}       | bad_message          | derives: expected an array of at most
            {'type':'worker','protocol':2,'task_types':['*'],'slots':0}             | bad_message          | slots: expected a whole number from 1 to 10000, got 0
            {'type':'worker','protocol':2,'task_types':['*'],'slots':1.5}           | bad_message          | slots: expected a whole number from 1 to 10000, got 1.5
            {'type':'worker','protocol':2,'task_types':['*'],'credit':-1}           | bad_message          | credit: expected a whole number from 1 to 1000000
            {'type':'worker','protocol':2,'task_types':['*'],'name':''}             | bad_message          | name: expected a string of 1 to 200 characters
            {'type':'worker','protocol':2,'task_types':['*'],'acks':1}              | bad_message          | acks: expected true or false, got 1
            {'type':'worker','protocol':3,'task_types':['*']}                       | unsupported_protocol | protocol: this server speaks 2
            {'type':'worker','protocol':'2','task_types':['*']}                     | unsupported_protocol | protocol: this server speaks 2
            {'type':'worker','protocol':18446744073709551618,'task_types':['*']}    | unsupported_protocol | protocol: this server speaks 2
            {'type':'task_sender','protocol':1}                                     | unsupported_protocol | protocol: this server speaks 2
            {'type':'task_sender','protocol':2,'token':5}                           | bad_message          | token: expected a string
            {'type':'boss'}                                                         | bad_message          | type: the first message says "worker" or "task_sender", got "boss"
            {'type':7}                                                              | bad_message          | type: expected a string, got 7
            {}                                                                      | bad_message          | type: missing
            []                                                                      | bad_json             | expected a JSON object, got an array
            GET / HTTP                                                              | bad_json             | not JSON
            """)
    void aBadHelloIsToldWhatIsWrongAndSentAway(String hello, String code, String complaint) {
        try (WirePeer peer = WirePeer.connect(server)) {
            peer.send(hello);
            String message = peer.receiveError(code);
            assertTrue(message.startsWith(complaint), message);
            peer.receiveEnd();
        }
    }

    @Test
    void aTaskIsDescribedOnceThenItsLeasesComeAndAtTheEndItIsForgotten() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            String id = submit(10, 3, ",'subtask_timeout_ms':1500");
            JsonNode task = worker.receive("task");
            assertEquals(id, task.get("task_id").textValue());
            assertEquals("sum_of_squares", task.get("task_type").textValue());
            assertEquals("{\"start\":1,\"end\":10}", task.get("params").toString());
            assertEquals(3, task.get("subtasks").intValue());
            assertEquals(1024, task.get("chunk").intValue());
            assertTrue(task.get("fold").booleanValue(), "whole numbers add up in any order");
            assertEquals(1500, task.get("subtask_timeout_ms").intValue());
            long lastLease = 0;
            for (int done = 0; done < 3; ) {
                JsonNode assign = worker.receive("assign");
                assertEquals(id, assign.get("task_id").textValue());
                assertEquals(done, assign.get("from").intValue());
                assertTrue(assign.get("lease").longValue() > lastLease, "a lease has a number of its own");
                lastLease = assign.get("lease").longValue();
                int count = assign.get("to").intValue() - done;
                assertEquals(count, assign.get("payloads").size());
                worker.answer(assign);
                done += count;
            }
            assertEquals(id, worker.receive("forget").get("task_id").textValue());
            assertEquals(385, sender.receive("completed").get("result").intValue());
            assertNothingMore(worker);
        }
    }

    @Test
    void aLeaseMayBeAnsweredInPartsInAnyOrder() {
        try (WirePeer worker = WirePeer.worker(server, 8, "'credit':8,'task_types':['*']")) {
            submit(16, 16);
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            int to = assign.get("to").intValue();
            assertEquals(8, to, "half of what there is, as there is one worker");
            for (int index = to - 1; index >= 0; index--) {
                worker.send("{'results':[" + (index + 1) * (index + 1) + "],'from':" + index + ",'lease':"
                        + assign.get("lease") + ",'type':'result'}");
            }
            int done = to;
            while (done < 16) {
                JsonNode next = worker.receive("assign");
                worker.answer(next);
                done = next.get("to").intValue();
            }
            assertEquals(1496, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aWorkerThatMissesThreeHeartbeatsIsGoneAndItsLeaseGoesElsewhere() {
        try (WirePeer silent = WirePeer.worker(server, 1)) {
            submit(1, 1);
            silent.receive("task");
            JsonNode lease = silent.receive("assign");
            for (int beat = 1; beat <= 3; beat++) {
                assertEquals(0, silent.available());
                server.advanceMs(HEARTBEAT_MS - 1);
                server.settle();
            }
            server.advanceMs(2);
            assertNothingMore(silent);
            server.advanceMs(1);
            silent.receiveEnd();
            try (WirePeer beating = WirePeer.worker(server, 1)) {
                beating.receive("task");
                JsonNode again = beating.receive("assign");
                assertEquals(lease.get("payloads"), again.get("payloads"));
                beating.answer(again);
                assertEquals(1, sender.receive("completed").get("result").intValue());
            }
        }
    }

    @Test
    void anyFrameIsASignOfLife() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            for (String sign : new String[] {
                "{'type':'heartbeat','leases':{'99':5}}",
                "{'type':'result','lease':1,'from':0,'results':[1]}",
                "{'type':'error','lease':1,'index':0,'message':'no'}",
                "{'type':'decline','task_id':'none'}",
                "{'type':'nonsense'}",
                "{'type':'result'}"
            }) {
                server.advanceMs(2 * HEARTBEAT_MS);
                worker.send(sign);
                server.settle();
            }
            server.advanceMs(2 * HEARTBEAT_MS);
            for (String code : new String[] {"unknown_lease", "unknown_lease", "bad_message", "bad_message"}) {
                worker.receiveError(code);
            }
            submit(1, 1);
            worker.receive("task");
        }
    }

    @Test
    void aWorkerThatDerivesGetsRangesAndOneThatDeclinesGetsPayloadsAgain() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'task_types':['*'],'derives':['sum_of_squares']")) {
            String id = submit(2, 2);
            worker.receive("task");
            assertNull(worker.receive("assign").get("payloads"));
            worker.send("{'type':'decline','task_id':'" + id + "'}");
            for (int index = 0; index < 2; index++) {
                JsonNode assign = worker.receiveAfter("assign");
                if (assign.has("payloads")) {
                    assertEquals(index, assign.get("from").intValue());
                    worker.answer(assign);
                } else {
                    index--; // It was on its way when the worker declined.
                }
            }
            assertEquals(5, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aDrainingWorkerFinishesWhatItHasAndGetsNothingNew() {
        try (WirePeer draining = WirePeer.worker(server, 1)) {
            submit(4, 4);
            draining.receive("task");
            JsonNode assign = draining.receive("assign");
            server.settle();
            int others = draining.available();
            draining.send("{'type':'drain'}");
            draining.answer(assign);
            server.settle();
            assertEquals(others, draining.available(), "nothing new came");
            draining.vanish();
            try (WirePeer other = WirePeer.worker(server, 4)) {
                other.receive("task");
                for (int done = 1; done < 4; ) {
                    JsonNode next = other.receive("assign");
                    other.answer(next);
                    done += next.get("to").intValue() - next.get("from").intValue();
                }
                assertEquals(30, sender.receive("completed").get("result").intValue());
            }
        }
    }

    @Test
    void aCancelledTaskIsStoppedOnItsWorkerWhichIsFreeAtOnce() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            String id = submit(1, 1);
            worker.receive("task");
            JsonNode crossing = worker.receive("assign");
            sender.send("{'type':'cancel','request':2,'task_id':'" + id + "'}");
            sender.receive("cancelled");
            assertEquals(id, worker.receive("cancel").get("task_id").textValue());
            assertEquals(id, worker.receive("forget").get("task_id").textValue());
            worker.answer(crossing);
            worker.send("{'type':'error','lease':" + crossing.get("lease") + ",'index':0,'message':'interrupted'}");
            assertNothingMore(worker);
            submit(3, 1);
            worker.receive("task");
            worker.answer(worker.receive("assign"));
            assertEquals(14, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aFailedSubtaskComesBackAfterItsBackoff() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'credit':1,'name':'w','task_types':['*']")) {
            submit(1, 1, ",'max_attempts':2");
            worker.receive("task");
            JsonNode first = worker.receive("assign");
            worker.send("{'type':'error','lease':" + first.get("lease") + ",'index':0,'message':'no','detail':'why'}");
            assertNothingMore(worker);
            server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            JsonNode second = worker.receive("assign");
            assertEquals(first.get("payloads"), second.get("payloads"));
            worker.send("{'type':'error','lease':" + second.get("lease") + ",'index':0,'message':'no again'}");
            JsonNode error = sender.receive("failed").get("error");
            assertEquals("subtask_failed", error.get("code").textValue());
            assertEquals("subtask 0 failed on w: no again", error.get("message").textValue());
            assertEquals(0, error.get("subtask").intValue());
            assertEquals("w", error.get("worker").textValue());
            assertEquals(2, error.get("attempts").intValue());
            assertEquals("forget", worker.receive().get("type").textValue());
        }
    }

    @Test
    void anErrorThatIsNotRetryableUsesUpAllAttempts() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            submit(1, 1, ",'max_attempts':1000");
            worker.receive("task");
            JsonNode lease = worker.receive("assign");
            // Longer than anybody reads, and cut in the middle of a character.
            String message = "x".repeat(1_999) + "😀".repeat(100_000);
            worker.send("{'type':'error','lease':" + lease.get("lease") + ",'index':0,'retryable':false,'message':'"
                    + message + "'}");
            String told = sender.receive("failed").at("/error/message").textValue();
            assertTrue(told.length() < 2_100, told.length() + " characters");
        }
    }

    @Test
    void theLeaseOfAWorkerThatDisconnectsGoesToAnother() {
        submit(2, 2);
        WirePeer gone = WirePeer.worker(server, 2);
        gone.receive("task");
        gone.answer(gone.receive("assign"));
        gone.receive("assign");
        gone.vanish();
        try (WirePeer other = WirePeer.worker(server, 2)) {
            other.receive("task");
            JsonNode again = other.receive("assign");
            assertEquals(1, again.get("from").intValue());
            other.answer(again);
            assertEquals(5, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aWorkerWhoseConnectionIsBeingClosedHoldsNothingBack() {
        try (WirePeer broken = WirePeer.worker(server, 1)) {
            broken.send("{'type':");
            broken.receiveError("bad_json");
            // It does not close its side: the connection lingers. What is submitted now must not go there.
            submit(1, 1);
            try (WirePeer other = WirePeer.worker(server, 1)) {
                other.receive("task");
                other.answer(other.receive("assign"));
                assertEquals(1, sender.receive("completed").get("result").intValue());
            }
            broken.receiveEnd();
        }
    }

    @Test
    void aWorkerGetsOnlyTheTypesThatItNamed() {
        try (WirePeer worker = WirePeer.worker(server, 1, "'task_types':['echo']")) {
            submit(1, 1);
            assertNothingMore(worker);
            sender.send("{'type':'submit','request':2,'task':{'type':'echo','payloads':['a',null,{'b':[1.50]}]}}");
            sender.receive("accepted");
            worker.receive("task");
            StringBuilder seen = new StringBuilder();
            for (int done = 0; done < 3; ) {
                JsonNode assign = worker.receive("assign");
                done = assign.get("to").intValue();
                seen.append(assign.get("payloads"));
                worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + assign.get("from")
                        + ",'results':" + assign.get("payloads") + "}");
            }
            assertEquals("[\"a\"][null][{\"b\":[1.5]}]", seen.toString());
            assertEquals(
                    "[\"a\",null,{\"b\":[1.5]}]",
                    sender.receive("completed").get("result").toString());
        }
    }

    @Test
    void paramsThatDoNotFitIntoTheMessageToWorkersAreRefused() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            // Four bytes here, twelve when they are written out.
            String emoji = "😀".repeat(800_000);
            sender.send("{'type':'submit','request':5,'task':{'type':'sum_of_squares','params':{'start':1,'end':2,'x':'"
                    + emoji + "'}}}");
            JsonNode refused = sender.receive("error");
            assertEquals("limit_exceeded", refused.get("code").textValue());
            assertEquals(5, refused.get("request").intValue());
            assertTrue(refused.get("message").textValue().startsWith("task.params: "), refused.toString());
            assertNothingMore(worker);
        }
    }

    @Test
    void workersThatLeaveLeaveNothingBehind() {
        for (int i = 0; i < 20; i++) {
            WirePeer.worker(server, 1).close();
            WirePeer.plainWorker(server).close();
        }
        server.awaitConnections(1);
        assertEquals(0, server.load().workers());
    }
}
