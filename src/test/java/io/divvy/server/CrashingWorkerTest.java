package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that die, or break the protocol, with what they run. Whose fault that is decides what becomes of the task. */
class CrashingWorkerTest {
    private static final int TOO_LARGE_BYTES = 5_000_001;

    private final TcpServer server = TcpServer.start();
    private final WirePeer sender = WirePeer.sender(server);

    @AfterEach
    void stop() {
        sender.vanish();
        server.close();
    }

    private String submit(int subtasks, String moreFields) {
        sender.send("{'type':'submit','request':1,'task':{'type':'sum_of_squares','params':{'start':1,'end':" + subtasks
                + "},'subtasks':" + subtasks + moreFields + "}}");
        return sender.receiveAfter("accepted", "completed").get("task_id").textValue();
    }

    private WirePeer worker(String name, int slots) {
        return WirePeer.worker(server, slots, "'name':'" + name + "','task_types':['*']");
    }

    @Test
    void aWorkerThatDiesWithWhateverItGetsFailsNoTaskOfOthers() {
        Set<String> unfinished = new HashSet<>();
        int deaths = 0;
        try (DiligentWorker one = new DiligentWorker(server, 1);
                DiligentWorker another = new DiligentWorker(server, 1)) {
            WirePeer watcher = WirePeer.sender(server);
            for (int task = 0; task < 60; task++) {
                WirePeer crasher = worker("crasher", 1);
                watcher.send("{'type':'submit','task':{'type':'sum_of_squares','params':{'start':1,'end':10},"
                        + "'subtasks':10,'on_failure':'" + (task % 2 == 0 ? "fail" : "continue") + "'}}");
                unfinished.add(watcher.receiveAfter("accepted", "completed")
                        .get("task_id")
                        .textValue());
                server.settle();
                deaths += crasher.available() > 0 ? 1 : 0;
                crasher.vanish();
            }
            server.settle();
            server.advanceMs(1_000);
            for (String id : unfinished) {
                sender.send("{'type':'attach','task_id':'" + id + "','progress':false}");
                JsonNode end = sender.receiveAfter("completed", "task");
                assertEquals(385, end.get("result").intValue());
            }
            assertTrue(deaths > 1, deaths + " of them died with something");
            assertTrue(one.isAlive() && another.isAlive());
            watcher.vanish();
        }
    }

    @Test
    void aResultThatIsNoNumberIsTheFailedAttemptOfItsSubtask() {
        String id = submit(4, "");
        for (int attempt = 0; attempt < 3; attempt++) {
            WirePeer worker = worker("worker", 2);
            worker.receive("task");
            JsonNode assign = worker.receive("assign");
            // At first it has two; then it has the one that went wrong, and nothing beside that.
            assertEquals(attempt == 0 ? 0 : 1, assign.get("from").intValue());
            worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':"
                    + (attempt == 0 ? "0,'results':[1,NaN]}" : "1,'results':[NaN]}"));
            String refused = worker.receiveAfter("error", "assign", "cancel", "forget")
                    .get("message")
                    .textValue();
            assertTrue(refused.contains("NaN is no JSON number"), refused);
            worker.vanish();
            server.awaitConnections(1);
            server.advanceMs(TcpServer.LONGEST_BACKOFF_MS);
        }
        JsonNode failed = sender.receive("failed");
        assertEquals(id, failed.get("task_id").textValue());
        assertEquals("subtask_failed", failed.at("/error/code").textValue());
        assertEquals(1, failed.at("/error/subtask").intValue());
        assertEquals(3, failed.at("/error/attempts").intValue());
        String message = failed.at("/error/message").textValue();
        assertTrue(message.matches("subtask 1 failed on worker: bad_json: not JSON.*NaN is no JSON number"), message);
    }

    @Test
    void aResultThatIsTooLargeIsTheFailedAttemptOfItsSubtask() {
        submit(4, ",'max_attempts':1");
        WirePeer worker = worker("worker", 2);
        worker.receive("task");
        JsonNode lease = worker.receive("assign").get("lease");
        byte[] frame = WirePeer.frame("{'type':'result','lease':" + lease + ",'from':1,'results':['xxx");
        frame[0] = (byte) (TOO_LARGE_BYTES >>> 24);
        frame[1] = (byte) (TOO_LARGE_BYTES >>> 16);
        frame[2] = (byte) (TOO_LARGE_BYTES >>> 8);
        frame[3] = (byte) TOO_LARGE_BYTES;
        worker.sendBytes(frame);
        JsonNode error = sender.receive("failed").get("error");
        assertEquals(1, error.get("subtask").intValue());
        assertEquals(
                "subtask 1 failed on worker: frame_too_large: a frame of 5,000,001 bytes is too large; at most 4,194,304 are"
                        + " taken",
                error.get("message").textValue());
        worker.vanish();
    }

    @Test
    void theVerdictSaysWhoDiedAndOfWhat() {
        submit(1, "");
        for (String name : new String[] {"ann", "bob", "cid"}) {
            WirePeer victim = worker(name, 1);
            victim.receive("task");
            victim.receive("assign");
            victim.vanish();
            server.awaitConnections(1);
        }
        String message = sender.receive("failed").at("/error/message").textValue();
        assertTrue(
                message.matches("subtask 0: it was all that workers ran when they died, 3 times: ann at 127\\.0\\.0\\.1"
                        + " \\(.+\\), bob at 127\\.0\\.0\\.1 \\(.+\\), cid at 127\\.0\\.0\\.1 \\(.+\\)"),
                message);
    }
}
