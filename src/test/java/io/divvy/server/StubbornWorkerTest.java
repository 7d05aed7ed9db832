package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.scheduler.Limits;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A protocol-2 worker that says everything late, twice, or for what is none of its business. The answer is right. */
class StubbornWorkerTest {
    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);
    private final WirePeer worker = WirePeer.worker(server, 4, "'credit':4,'acks':true,'task_types':['*']");
    /** What the worker got and the test did not ask about yet. */
    private final Deque<JsonNode> received = new ArrayDeque<>();

    @AfterEach
    void stop() {
        worker.vanish();
        sender.vanish();
        server.close();
    }

    private String submit(int subtasks) {
        sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','params':{'start':1,'end':" + subtasks
                + "},'subtasks':" + subtasks + "}}");
        String id = sender.receive("accepted").get("task_id").textValue();
        assertTrue(worker.receive("task").get("fold").booleanValue());
        return id;
    }

    private JsonNode view(String id) {
        sender.send("{'type':'status','task_id':'" + id + "'}");
        return sender.receive("task").get("task");
    }

    private void combined(JsonNode lease, int from, int to, long value) {
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':" + from + ",'to':" + to
                + ",'combined':" + value + "}");
    }

    private void offer(String id, int from, String results) {
        worker.send("{'type':'result','task_id':'" + id + "','from':" + from + ",'results':" + results + "}");
    }

    /** The next message of that type. Where results are saved, their acks come after leases that they made room for. */
    private JsonNode next(String type) {
        for (JsonNode message : received) {
            if (message.get("type").textValue().equals(type)) {
                received.remove(message);
                return message;
            }
        }
        JsonNode message = worker.receive();
        while (!message.get("type").textValue().equals(type)) {
            received.add(message);
            message = worker.receive();
        }
        return message;
    }

    private void isAcked(int from, int to) {
        server.settle();
        server.advanceMs(Limits.DEFAULT.saveDelayMs());
        JsonNode ack = next("ack");
        assertEquals(from + " " + to, ack.get("from") + " " + ack.get("to"));
    }

    /** Answers what it still gets, until the task is done. */
    private void behave() {
        JsonNode message = nextOfAll();
        while (!message.get("type").textValue().equals("forget")) {
            if (message.get("type").textValue().equals("assign")) {
                worker.answer(message);
            }
            message = nextOfAll();
        }
    }

    private JsonNode nextOfAll() {
        return received.isEmpty() ? worker.receive() : received.remove();
    }

    @Test
    void combinedAnswersThatOverlapAreDroppedWholeAndNotAcked() {
        String id = submit(8);
        JsonNode lease = worker.receive("assign");
        assertEquals("0 4", lease.get("from") + " " + lease.get("to"));
        combined(lease, 0, 2, 1 + 4);
        isAcked(0, 2);
        combined(lease, 1, 4, 4 + 9 + 16);
        server.settle();
        JsonNode progress = view(id).get("progress");
        assertEquals(2, progress.get("done").intValue());
        assertEquals(1, view(id).get("duplicates").intValue());
        behave();
        assertEquals(204, sender.receive("completed").get("result").intValue());
    }

    @Test
    void aCombinedAnswerOfTheWrongKindCostsAnAttemptAndNothingElse() {
        String id = submit(8);
        JsonNode lease = worker.receive("assign");
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'to':4,'combined':'much'}");
        server.settle();
        assertEquals(1, view(id).get("retries").intValue());
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':1,'results':[4,9,16]}");
        server.advanceMs(1_000);
        behave();
        assertEquals(204, sender.receive("completed").get("result").intValue());
    }

    @Test
    void anOfferOfTheWrongKindCostsAnAttemptAndIsNotWaitedFor() {
        String id = submit(8);
        JsonNode lease = worker.receive("assign");
        offer(id, 0, "['much',4]");
        isAcked(0, 1);
        // Half of what it may hold is free now, so it gets more.
        JsonNode more = next("assign");
        isAcked(1, 2);
        worker.answer(more);
        server.settle();
        assertEquals(1, view(id).get("retries").intValue());
        assertEquals(2, view(id).get("progress").get("done").intValue());
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':2,'results':[9,16]}");
        server.advanceMs(1_000);
        behave();
        assertEquals(204, sender.receive("completed").get("result").intValue());
    }

    @Test
    void offersForWhatIsDoneAreAckedAndCountOnce() {
        String id = submit(8);
        JsonNode lease = worker.receive("assign");
        offer(id, 0, "[1,4]");
        isAcked(0, 2);
        // Half of what it may hold is free now, so it gets more.
        JsonNode more = next("assign");
        offer(id, 0, "[1,4]");
        isAcked(0, 2);
        offer(id, 7, "[64,81]");
        assertEquals("bad_message", next("error").get("code").textValue());
        offer("gone", 0, "[1]");
        assertEquals("gone", next("forget").get("task_id").textValue());
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':2,'results':[9,16]}");
        worker.answer(more);
        behave();
        assertEquals(204, sender.receive("completed").get("result").intValue());
        assertEquals(2, view(id).get("duplicates").intValue());
    }

    @Test
    void releasedWithoutARevokeAndAnswersAfterACancel() {
        String id = submit(8);
        JsonNode lease = worker.receive("assign");
        worker.send("{'type':'released','lease':" + lease.get("lease") + ",'from':2}");
        worker.receiveError("bad_message");
        sender.send("{'type':'cancel','task_id':'" + id + "'}");
        sender.receive("cancelled");
        worker.receive("cancel");
        worker.receive("forget");
        worker.answer(lease);
        combined(lease, 0, 4, 30);
        worker.send("{'type':'heartbeat'}");
        server.settle();
        assertEquals(0, worker.available(), "answers that cross a cancel are ignored without a word");
        assertEquals(8, view(id).get("progress").get("cancelled").intValue());
    }

    @Test
    void slowSubtasksAtTheTailAreCopiedToAnotherWorker() {
        submit(8);
        JsonNode lease = worker.receive("assign");
        try (WirePeer quick = WirePeer.worker(server, 1, "'credit':1,'task_types':['*']")) {
            quick.receive("task");
            for (int i = 0; i < 4; i++) {
                quick.answer(quick.receive("assign"));
            }
            server.advanceMs(200);
            // All four slots of the first worker run: what it runs for so long is run a second time.
            for (int i = 0; i < 4; i++) {
                quick.answer(quick.receive("assign"));
                server.advanceMs(200);
            }
            assertEquals(204, sender.receive("completed").get("result").intValue());
            assertEquals(
                    lease.get("task_id"),
                    worker.receiveAfter("cancel", "revoke").get("task_id"));
        }
    }
}
