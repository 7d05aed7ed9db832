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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dialect 1, as the clients of the original system speak it. */
class PlainDialectTest {
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
    void aWorkerThatIsThereBeforeAnyWorkDoesTheTaskSubtaskBySubtask() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(task("squares", 1, 10, 3));
            for (String expected : List.of("[1,4]", "[5,7]", "[8,10]")) {
                JsonNode available = receiveSubtask(worker);
                assertEquals(expected, available.at("/subtask/range").toString());
                assertNothingMore(worker);
                worker.answerPlainly(available);
            }
            assertEquals(
                    "{\"status\":\"completed\",\"result\":385}",
                    sender.receive().toString());
            assertNothingMore(sender);
            assertNothingMore(worker);
        }
    }

    @Test
    void numbersAreExactHoweverLarge() {
        String start = "9".repeat(400);
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.send("{'task_id':'large','range':[" + start + "," + start + "],'num_subtasks':1}");
            worker.answerPlainly(receiveSubtask(worker));
            String square = "9".repeat(399) + "8" + "0".repeat(399) + "1";
            assertEquals(square, sender.receive().get("result").toString());
        }
    }

    @Test
    void severalTasksFollowEachOtherOnOneConnection() {
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            for (int i = 1; i <= 3; i++) {
                sender.send(task("task-" + i, i, i, 1));
                worker.answerPlainly(receiveSubtask(worker));
                assertEquals(i * i, sender.receive().get("result").intValue());
            }
        }
    }

    @Test
    void answersComeInTheOrderOfTheTasksWhicheverIsDoneFirst() {
        try (WirePeer slow = WirePeer.plainWorker(server);
                WirePeer quick = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            sender.sendTogether(List.of(task("first", 1, 1, 1), task("second", 2, 2, 1)));
            JsonNode first = receiveSubtask(slow);
            quick.answerPlainly(receiveSubtask(quick));
            assertNothingMore(sender);
            slow.answerPlainly(first);
            assertEquals(1, sender.receive().get("result").intValue());
            assertEquals(4, sender.receive().get("result").intValue());
        }
    }

    @Test
    void aBadTaskBehindAGoodOneIsAnsweredInItsTurn() {
        try (WirePeer sender = WirePeer.plainSender(server)) {
            sender.sendTogether(List.of(
                    task("first", 1, 1, 1),
                    task("no subtasks", 1, 1, 0),
                    task("reversed", 5, 1, 1),
                    task("last", 2, 2, 1)));
            assertNothingMore(sender);
            try (WirePeer worker = WirePeer.plainWorker(server)) {
                worker.answerPlainly(receiveSubtask(worker));
                worker.answerPlainly(receiveSubtask(worker));
                assertEquals(1, sender.receive().get("result").intValue());
                assertEquals("failed", sender.receive().get("status").textValue());
                assertEquals("failed", sender.receive().get("status").textValue());
                assertEquals(4, sender.receive().get("result").intValue());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'task_id':'a','range':[1,2]}                           | num_subtasks: missing; expected a whole number from 1
            {'task_id':'a','range':[1,2],'num_subtasks':0}          | num_subtasks: expected a whole number from 1
            {'task_id':'a','range':[1,2],'num_subtasks':'2'}        | num_subtasks: expected a whole number from 1
            {'task_id':'a','range':[1,2],'num_subtasks':1.5}        | num_subtasks: expected a whole number from 1
            {'task_id':'a','range':[1],'num_subtasks':1}            | range: expected [start, end], two whole numbers
            {'task_id':'a','range':[1,2,3],'num_subtasks':1}        | range: expected [start, end], two whole numbers
            {'task_id':'a','range':['1',2],'num_subtasks':1}        | range: expected [start, end], two whole numbers
            {'task_id':'a','range':'1-2','num_subtasks':1}          | range: expected [start, end], two whole numbers
            {'task_id':'a','num_subtasks':1}                        | range: missing
            {'task_id':'a','range':[2,1],'num_subtasks':1}          | params.end: expected at least start, which is 2, got 1
            {'task_id':'','range':[1,2],'num_subtasks':1}           | task_id: expected a string of [A-Za-z0-9._-]{1,64}
            {'task_id':'a b','range':[1,2],'num_subtasks':1}        | task_id: expected a string of [A-Za-z0-9._-]{1,64}
            {'task_id':7,'range':[1,2],'num_subtasks':1}            | task_id: expected a string of [A-Za-z0-9._-]{1,64}
            {'range':[1,2],'num_subtasks':1}                        | task_id: missing
            """)
    void whatIsWrongWithATaskIsSaidInItsOneMessageAndTheConnectionGoesOn(String bad, String complaint) {
        try (WirePeer sender = WirePeer.plainSender(server);
                WirePeer worker = WirePeer.plainWorker(server)) {
            sender.send(bad);
            JsonNode failed = sender.receive();
            assertEquals("failed", failed.get("status").textValue());
            String error = failed.get("error").textValue();
            assertTrue(error.startsWith("invalid_task: " + complaint), error);
            assertEquals(2, failed.size());

            sender.send(task("good", 3, 3, 1));
            worker.answerPlainly(receiveSubtask(worker));
            assertEquals(9, sender.receive().get("result").intValue());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            nonsense    | bad_json: not JSON
            [1,2]       | bad_json: expected a JSON object, got an array
            """)
    void whatIsNotAJsonObjectEndsTheConnection(String bad, String complaint) {
        try (WirePeer sender = WirePeer.plainSender(server)) {
            sender.send(bad);
            JsonNode failed = sender.receive();
            assertEquals("failed", failed.get("status").textValue());
            assertTrue(failed.get("error").textValue().startsWith(complaint), failed.toString());
            sender.receiveEnd();
        }
    }

    @Test
    void aLengthThatCannotBeEndsTheConnection() {
        try (WirePeer sender = WirePeer.plainSender(server)) {
            sender.sendBytes((byte) 0x7f, (byte) 0, (byte) 0, (byte) 0);
            JsonNode failed = sender.receive();
            assertEquals("failed", failed.get("status").textValue());
            assertTrue(failed.get("error").textValue().startsWith("frame_too_large: "), failed.toString());
            sender.receiveEnd();
        }
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
    void theSameIdWithTheSameTaskAttachesToItAlsoWhenItIsFinished() {
        try (WirePeer first = WirePeer.plainSender(server);
                WirePeer second = WirePeer.plainSender(server)) {
            first.send(task("squares", 1, 3, 1));
            server.settle();
            second.send(task("squares", 1, 3, 1));
            server.settle();
            try (WirePeer worker = WirePeer.plainWorker(server)) {
                worker.answerPlainly(receiveSubtask(worker));
                assertEquals(14, first.receive().get("result").intValue());
                assertEquals(14, second.receive().get("result").intValue());
                second.send(task("squares", 1, 3, 1));
                assertEquals(14, second.receive().get("result").intValue());
                assertNothingMore(worker);
            }
        }
    }

    @Test
    void theSameIdWithAnotherTaskFailsAlsoWhenTheFirstIsFinished() {
        try (WirePeer first = WirePeer.plainSender(server);
                WirePeer second = WirePeer.plainSender(server);
                WirePeer worker = WirePeer.plainWorker(server)) {
            first.send(task("squares", 1, 3, 1));
            JsonNode subtask = receiveSubtask(worker);
            second.send(task("squares", 1, 4, 1));
            String open = second.receive().get("error").textValue();
            worker.answerPlainly(subtask);
            first.receive();
            second.send(task("squares", 1, 3, 2));
            String finished = second.receive().get("error").textValue();
            assertEquals(open, finished);
            assertTrue(open.startsWith("conflict: task_id: another task was submitted under it"), open);
        }
    }

    @Test
    void aSenderThatVanishesComesBackForItsAnswer() {
        WirePeer gone = WirePeer.plainSender(server);
        gone.send(task("squares", 1, 3, 1));
        server.settle();
        gone.cut();
        server.awaitVanished(0);
        try (WirePeer worker = WirePeer.plainWorker(server);
                WirePeer sender = WirePeer.plainSender(server)) {
            JsonNode subtask = receiveSubtask(worker);
            sender.send(task("squares", 1, 3, 1));
            worker.answerPlainly(subtask);
            assertEquals(14, sender.receive().get("result").intValue());
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
    void anAnswerToSomethingElseIsDroppedWithoutAWordAndTheRightOneStillCounts() {
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
    void anAnswerThatIsNoneIsAFailedAttemptOfWhatTheWorkerHas() {
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
    void anAnswerThatIsNoneAndComesLateShowsThatTheWorkerGoesOn() {
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
