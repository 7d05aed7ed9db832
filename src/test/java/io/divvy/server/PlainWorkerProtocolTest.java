package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.scheduler.Limits;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Dialect 1, as the workers of the original system speak it. */
class PlainWorkerProtocolTest {
    private static final long LEASE_MS = Limits.DEFAULT.plainLeaseMs();
    private static final long NO_TASK_MS = ServerLimits.DEFAULT.noTaskMs();

    private final TcpServer server = TcpServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private static String task(String id, long start, long end, long subtasks) {
        return "{'task_id':'" + id + "','range':[" + start + "," + end + "],'num_subtasks':" + subtasks + "}";
    }

    private static JsonNode receiveSubtask(WirePeer worker) {
        JsonNode message = worker.receive();
        assertEquals("task_available", message.path("status").asText(), message.toString());
        return message;
    }

    private static String answer(JsonNode available, long index, String result) {
        return "{'task_id':" + available.at("/subtask/task_id") + ",'subtask_index':" + index + ",'result':" + result
                + "}";
    }

    private void assertNothingMore(WirePeer peer) {
        server.settle();
        assertEquals(0, peer.available());
    }

    @Test
    void aLeaseThatExpiresGoesToAnotherWorkerAndTheLateAnswerStillCounts() {
        try (WirePeer late = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 2, 2));
            JsonNode first = receiveSubtask(late);
            server.advanceMs(LEASE_MS - 1);
            try (WirePeer other = WirePeer.plainWorker(server)) {
                JsonNode second = receiveSubtask(other);
                assertEquals(1, second.at("/subtask/subtask_index").intValue());
                other.answerPlainly(second);
                assertNothingMore(other);
                server.advanceMs(1);
                JsonNode again = receiveSubtask(other);
                assertEquals(first, again);

                late.answerPlainly(first);
                assertEquals(5, sender.receive().get("result").intValue());
                other.answerPlainly(again);
                assertNothingMore(sender);
            }
        }
    }

    @Test
    void anExpiredLeaseCostsNoAttempt() {
        try (WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares',"
                    + "'params':{'start':3,'end':3},'max_attempts':1}}");
            sender.receive("accepted");
            for (int i = 0; i < 5; i++) {
                WirePeer silent = WirePeer.plainWorker(server);
                receiveSubtask(silent);
                server.advanceMs(LEASE_MS);
            }
            try (WirePeer worker = WirePeer.plainWorker(server)) {
                worker.answerPlainly(receiveSubtask(worker));
                assertEquals(9, sender.receive("completed").get("result").intValue());
            }
        }
    }

    @Test
    void aWorkerThatOwesAnAnswerGetsNothingNewUntilItHasGivenIt() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server);
                WirePeer canceller = WirePeer.sender(server)) {
            sender.send(task("cancelled", 1, 1, 1));
            JsonNode owed = receiveSubtask(worker);
            server.settle(); // Its name finds the task once that is durable, which its lease did not wait for.
            canceller.send("{'type':'cancel','request':1,'task_id':'cancelled'}");
            String id = canceller.receive("task").path("task").path("id").textValue();
            assertEquals(id, canceller.receive("cancelled").path("task_id").textValue());
            assertEquals("the task was cancelled", sender.receive().get("error").textValue());

            sender.send(task("next", 2, 2, 1));
            assertNothingMore(worker);
            server.advanceMs(LEASE_MS);
            assertNothingMore(worker);
            worker.answerPlainly(owed);
            worker.answerPlainly(receiveSubtask(worker));
            assertEquals(4, sender.receive().get("result").intValue());
        }
    }

    @Test
    void noTaskComesAfterTwentySecondsOfIdlenessAndNotMoreOften() {
        try (WirePeer worker = WirePeer.plainWorker(server)) {
            for (int i = 0; i < 3; i++) {
                server.advanceMs(NO_TASK_MS - 1);
                assertEquals(0, worker.available());
                server.advanceMs(1);
                assertEquals("{\"status\":\"no_task\"}", worker.receive().toString());
                assertNothingMore(worker);
            }
        }
    }

    @Test
    void noTaskIsNotSaidToAWorkerThatWorks() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 1, 1));
            JsonNode subtask = receiveSubtask(worker);
            for (int i = 0; i < 5; i++) {
                server.advanceMs(NO_TASK_MS);
                assertEquals(0, worker.available());
            }
            worker.answerPlainly(subtask);
            sender.receive();
            // Idleness begins with its answer.
            server.advanceMs(NO_TASK_MS - 1);
            assertEquals(0, worker.available());
            server.advanceMs(1);
            assertEquals("no_task", worker.receive().get("status").textValue());
        }
    }

    @Test
    void theSubtaskOfAWorkerThatDisconnectsGoesToAnother() {
        try (WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 1, 1));
            WirePeer gone = WirePeer.plainWorker(server);
            JsonNode subtask = receiveSubtask(gone);
            gone.vanish();
            try (WirePeer other = WirePeer.plainWorker(server)) {
                assertEquals(subtask, receiveSubtask(other));
                other.answerPlainly(subtask);
                assertEquals(1, sender.receive().get("result").intValue());
            }
        }
    }

    @Test
    void aResultThatIsNoWholeNumberCostsAnAttemptOfThatSubtask() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 1, 1));
            for (String wrong : List.of("'1'", "1.0")) {
                worker.send(answer(receiveSubtask(worker), 0, wrong));
                server.settle();
                server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            }
            worker.answerPlainly(receiveSubtask(worker));
            assertEquals(1, sender.receive().get("result").intValue());

            sender.send(task("hopeless", 1, 1, 1));
            for (int attempt = 0; attempt < 3; attempt++) {
                worker.send(answer(receiveSubtask(worker), 0, "null"));
                server.settle();
                server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            }
            String error = sender.receive().get("error").textValue();
            assertTrue(error.startsWith("subtask 0 failed on 127.0.0.1: "), error);
            assertTrue(error.endsWith("the result cannot be combined: expected a whole number, got null"), error);
        }
    }

    @Test
    void anAnswerToAnotherSubtaskIsDroppedAndTheRightOneStillCounts() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            worker.send("{'task_id':'squares','subtask_index':0,'result':5}");
            server.settle();
            sender.send(task("squares", 1, 2, 2));
            JsonNode subtask = receiveSubtask(worker);
            for (String wrong : List.of(
                    answer(subtask, 1, "5"),
                    "{'task_id':'other','subtask_index':0,'result':5}",
                    // What its sender calls it is none of the worker's business.
                    "{'task_id':'squares','subtask_index':0,'result':5}")) {
                worker.send(wrong);
                server.settle();
                // The clients of this dialect understand nothing but work and that there is none.
                assertEquals(0, worker.available());
            }
            worker.answerPlainly(subtask);
            worker.answerPlainly(receiveSubtask(worker));
            assertEquals(5, sender.receive().get("result").intValue());
        }
    }

    @Test
    void anAnswerThatCannotBeReadIsAFailedAttemptOfTheSubtaskThatTheWorkerHas() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 1, 1));
            for (String wrong : List.of(
                    "{'task_id':'squares','subtask_index':-1,'result':5}",
                    "{'task_id':'squares','subtask_index':0}",
                    "{'subtask_index':0,'result':5}")) {
                String id = receiveSubtask(worker).at("/subtask/task_id").textValue();
                worker.send(wrong.replace("squares", id));
                server.settle();
                server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
            }
            String error = sender.receive().get("error").textValue();
            assertTrue(error.startsWith("subtask 0 failed on 127.0.0.1: bad_message: task_id"), error);
        }
    }

    @Test
    void aLateAnswerThatCannotBeReadRepaysALease() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 1, 1));
            receiveSubtask(worker);
            server.advanceMs(30_000); // its time is over
            worker.send("{'task_id':'squares','subtask_index':0}");
            worker.answerPlainly(receiveSubtask(worker));
            assertEquals(1, sender.receive().get("result").intValue());
        }
    }

    @Test
    void aPlainWorkerIsToldWhyItsConnectionEnds() {
        try (WirePeer worker = WirePeer.plainWorker(server)) {
            worker.send("no JSON");
            worker.receiveError("bad_json");
            worker.receiveEnd();
        }
    }

    @Test
    void aPlainWorkerTakesSumsOfSquaresFromAnySenderAndNothingElse() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','request':1,'task':{'type':'echo','payloads':[1]}}");
            sender.receive("accepted");
            assertNothingMore(worker);
            sender.send(
                    "{'type':'submit','request':2,'task':" + "{'type':'sum_of_squares','params':{'start':2,'end':2}}}");
            sender.receive("accepted");
            worker.answerPlainly(receiveSubtask(worker));
            assertEquals(4, sender.receive("completed").get("result").intValue());
        }
    }

    @Test
    void aPayloadThatIsNoRangeFailsInsteadOfReachingAPlainWorker() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','payloads':['x']}}");
            sender.receive("accepted");
            JsonNode failed = sender.receive("failed");
            assertEquals("subtask_failed", failed.at("/error/code").textValue());
            assertNothingMore(worker);
        }
    }
}
