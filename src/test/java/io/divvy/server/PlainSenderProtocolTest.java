package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dialect 1, as the senders of the original system speak it. */
class PlainSenderProtocolTest {
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
            sender.send(task("first", 1, 1, 1));
            JsonNode first = receiveSubtask(slow);
            sender.send(task("second", 2, 2, 1));
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
    void aBadTaskIsAnsweredByItsOneMessageAndTheConnectionGoesOn(String bad, String complaint) {
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
    void aFrameThatIsNoJsonObjectEndsTheConnection(String bad, String complaint) {
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
}
