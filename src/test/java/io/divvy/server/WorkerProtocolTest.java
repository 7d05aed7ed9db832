package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Protocol 2 as a worker sees it, once it is welcome. */
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
}
