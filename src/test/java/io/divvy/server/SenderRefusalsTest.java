package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.scheduler.Limits;
import io.divvy.testing.LimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a sender of protocol 2 is told when something is wrong with what it sends, or too much. */
class SenderRefusalsTest {
    private static final String SQUARES = "{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':3}";

    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        sender.vanish();
        server.close();
    }

    private String submit(String task) {
        sender.send("{'type':'submit','request':1,'task':" + task + "}");
        return sender.receive("accepted").get("task_id").textValue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'type':'sum_of_squares','max_atempts':3}                           | invalid_task      | task.max_atempts: unknown field; expected only type, params
            {'type':'sum_of_squares'}                                           | invalid_task      | params.start: expected a whole number, got nothing
            {'type':'sum_of_squares','params':{'start':2,'end':1}}              | invalid_task      | params.end: expected at least start, which is 2, got 1
            {'type':'sum_of_squares','params':{'start':1,'end':2,'step':1}}     | invalid_task      | params.step: unknown
            {'type':'sum_of_squares','params':[]}                               | invalid_task      | task.params: expected an object, got an array
            {'params':{}}                                                       | invalid_task      | task.type: missing
            {'type':'no such type'}                                             | invalid_task      | task.type: expected a string of
            {'type':'unheard_of'}                                               | unknown_task_type | task.type: this server has no type "unheard_of"; expected one of sum_of_squares
            """)
    void aBadTaskIsRefusedByNumberAndTheConnectionGoesOn(String task, String code, String complaint) {
        sender.send("{'type':'submit','request':8,'task':" + task + "}");
        JsonNode error = sender.receive("error");
        assertEquals(8, error.get("request").intValue());
        assertEquals(code, error.get("code").textValue());
        assertTrue(error.get("message").textValue().startsWith(complaint), error.toString());
        submit(SQUARES);
        assertEquals(1, server.load().desk().openTasks(), "nothing is left of the refused one");
        assertEquals(0, server.load().desk().waitingSubmissions());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'request':6,'type':'submit'}                               | bad_message | task: missing; expected the task object
            {'request':6,'type':'submit','task':'sum_of_squares'}       | bad_message | task: expected an object, got "sum_of_squares"
            {'request':6,'type':'submit','progress':1,'task':{}}        | bad_message | progress: expected true or false, got 1
            {'request':6,'type':'status'}                               | bad_message | task_id: missing
            {'request':6,'type':'attach','task_id':''}                  | bad_message | task_id: expected a string of
            {'request':6,'type':'cancel','task_id':[]}                  | bad_message | task_id: expected a string of
            {'request':6,'type':'task_sender','protocol':2}             | bad_message | type: expected submit, status, attach or cancel, got "task_sender"
            {'request':6,'type':'status','task_id':'none'}              | not_found   | task_id: there is no task none
            {'request':6,'type':'attach','task_id':'none'}              | not_found   | task_id: there is no task none
            {'request':6,'type':'cancel','task_id':'none'}              | not_found   | task_id: there is no task none
            """)
    void aBadMessageIsAnsweredByItsNumberAndTheConnectionGoesOn(String bad, String code, String complaint) {
        sender.send(bad);
        JsonNode error = sender.receive("error");
        assertEquals(code, error.get("code").textValue());
        assertEquals(6, error.get("request").intValue());
        assertTrue(error.get("message").textValue().startsWith(complaint), error.toString());
        submit(SQUARES);
    }

    @ParameterizedTest
    @CsvSource({"-1", "1.5", "'\"1\"'", "9223372036854775808"})
    void aRequestNumberThatIsNoneIsSaidToBe(String request) {
        sender.send("{'type':'status','task_id':'x','request':" + request + "}");
        JsonNode error = sender.receive("error");
        assertEquals("bad_message", error.get("code").textValue());
        assertFalse(error.has("request"));
        submit(SQUARES);
    }

    @Test
    void badFramesAndBadJsonEndTheConnection() {
        for (String garbage : List.of("{'type':'status'", "{} {}", "[]", "\0", "{'type':'a','type':'b'}")) {
            try (WirePeer peer = WirePeer.sender(server)) {
                peer.send(garbage);
                peer.receiveError("bad_json");
                peer.receiveEnd();
            }
        }
        try (WirePeer peer = WirePeer.sender(server)) {
            peer.sendBytes(new byte[4]);
            peer.receiveError("bad_frame");
            peer.receiveEnd();
        }
        try (WirePeer peer = WirePeer.sender(server)) {
            peer.sendBytes((byte) 0, (byte) 0x40, (byte) 0, (byte) 1);
            assertEquals(
                    "a frame of 4,194,305 bytes is too large; at most 4,194,304 are taken",
                    peer.receiveError("frame_too_large"));
            peer.receiveEnd();
        }
    }

    @Test
    void anErrorIsShortHoweverLongWhatItIsAbout() {
        String endless = "x".repeat(4_000_000);
        for (String task : List.of(
                "{'type':'sum_of_squares','" + endless + "':1}",
                "{'type':'" + endless + "'}",
                "{'type':'sum_of_squares','params':{'start':'" + endless + "'}}",
                "{'type':'sum_of_squares','params':{'" + endless + "':1}}")) {
            sender.send("{'type':'submit','request':1,'task':" + task + "}");
            String message = sender.receiveError("invalid_task");
            assertTrue(message.length() < 3_000, message.length() + " characters");
        }
    }

    @Test
    void aFullServerSaysWhenToTryAgain() {
        Limits one = LimitsOf.with(LimitsOf.with(draft -> draft.openTasks = 1), draft -> draft.busyRetryMs = 1_234);
        try (TcpServer small = TcpServer.start(NetLimits.DEFAULT, one, ServerLimits.DEFAULT);
                WirePeer peer = WirePeer.sender(small)) {
            peer.send("{'type':'submit','request':1,'task':" + SQUARES + "}");
            peer.receive("accepted");
            peer.send("{'type':'submit','request':2,'task':" + SQUARES + "}");
            JsonNode busy = peer.receive("error");
            assertEquals("busy", busy.get("code").textValue());
            assertEquals(1_234, busy.get("retry_after_ms").intValue());
            peer.send("{'type':'submit','request':3,'task':{'type':'sum_of_squares',"
                    + "'params':{'start':1,'end':5000},'subtasks':1001}}");
            peer.receiveError("busy");
            assertEquals(1, small.load().desk().openTasks());
        }
    }

    @Test
    void moreSubtasksThanTheServerTakesAreALimitThatIsSaid() {
        Limits few = LimitsOf.with(draft -> draft.subtasksPerTask = 1_000);
        try (TcpServer small = TcpServer.start(NetLimits.DEFAULT, few, ServerLimits.DEFAULT);
                WirePeer peer = WirePeer.sender(small)) {
            peer.send("{'type':'submit','request':3,'task':{'type':'sum_of_squares',"
                    + "'params':{'start':1,'end':5000},'subtasks':1001}}");
            assertEquals("the task has 1001 subtasks; expected 0 to 1000", peer.receiveError("limit_exceeded"));
            assertEquals(0, small.load().desk().openTasks());
        }
    }

    @Test
    void paramsThatDoNotFitIntoAFrameToAWorkerAreRefusedAndSoAreThoseThatAreShortInMemoryOnly() {
        for (String text : List.of("a".repeat(ProtocolLimits.MAX_PARAMS_BYTES), "\\u0001".repeat(698_500))) {
            sender.send("{'type':'submit','task':{'type':'sum_of_squares','params':{'a':'" + text + "'}}}");
            String complaint = sender.receiveError("limit_exceeded");
            assertTrue(complaint.startsWith("task.params: they have 419"), complaint);
        }
        String fits = "a".repeat(ProtocolLimits.MAX_PARAMS_BYTES - "{\"a\":\"\"}".length());
        sender.send("{'type':'submit','task':{'type':'sum_of_squares','params':{'a':'" + fits + "'}}}");
        sender.receiveError("invalid_task"); // It has no such param.
    }

    @Test
    void anAnswerOfMoreDigitsThanAnybodyTakesFailsTheTask() {
        try (WirePeer worker = WirePeer.worker(server, 2)) {
            submit("{'type':'big','combine':'sum','payloads':[1,2]}");
            worker.receive("task");
            for (int i = 0; i < 2; i++) {
                JsonNode assign = worker.receive("assign");
                worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + i + ",'results':["
                        + "9".repeat(1_000) + "]}");
            }
            JsonNode error = sender.receive("failed").get("error");
            assertEquals("limit_exceeded", error.get("code").textValue());
            assertTrue(error.get("message").textValue().contains("1000 digits"), error.toString());
        }
    }

    @Test
    void aNumberOfTooManyDigitsIsRefusedWithTheLimit() {
        sender.send("{'type':'submit','request':1,'task':{'type':'mine','payloads':[" + "9".repeat(1_001) + "]}}");
        String complaint = sender.receiveError("bad_json");
        assertTrue(complaint.contains("expected at most 1000, the limit \"digits of one number\""), complaint);
    }

    @Test
    void aByteOrderMarkBeforeAMessageIsSkippedForAllRoles() {
        try (WirePeer marked = WirePeer.connect(server);
                WirePeer worker = WirePeer.connect(server)) {
            marked.send("\ufeff{'type':'task_sender','protocol':2}");
            marked.receive("welcome");
            marked.send("\ufeff{'type':'submit','task':{'type':'mine','payloads':[1]}}");
            marked.receive("accepted");
            worker.send("\ufeff{'type':'worker','protocol':2,'name':'w','slots':1,'credit':1,'task_types':['mine']}");
            worker.receive("welcome");
            worker.receive("task");
            long lease = worker.receive("assign").get("lease").longValue();
            worker.send("\ufeff{'type':'result','lease':" + lease + ",'from':0,'results':[7]}");
            assertEquals("[7]", marked.receive("completed").get("result").toString());
        }
        try (WirePeer plain = WirePeer.connect(server)) {
            plain.send("\ufeff{'type':'task_sender'}");
            plain.send("\ufeff{'task_id':'a','range':[1,3],'num_subtasks':1}");
            server.settle();
            assertEquals(1, server.load().desk().openTasks());
        }
    }

    @Test
    void squaresOfMoreDigitsThanAnybodyTakesAreRefusedAtOnce() {
        sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','params':{'start':1,'end':"
                + "9".repeat(501) + "}}}");
        assertTrue(sender.receiveError("invalid_task").startsWith("params.end: expected a whole number of at most "));
    }

    @Test
    void textThatIsNoUnicodeIsGivenBackAsItCame() {
        try (WirePeer worker = WirePeer.worker(server, 1)) {
            String id = submit("{'type':'echo','name':'\\ud800','payloads':['\\udc00']}");
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            assertEquals("\udc00", assign.at("/payloads/0").textValue());
            worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':0,'results':['\\ud83d']}");
            assertEquals("\ud83d", sender.receive("completed").at("/result/0").textValue());
            sender.send("{'type':'status','task_id':'" + id + "'}");
            assertEquals("\ud800", sender.receive("task").at("/task/name").textValue());
        }
    }
}
