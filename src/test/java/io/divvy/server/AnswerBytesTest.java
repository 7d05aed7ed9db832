package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ResultValues;
import io.divvy.scheduler.Limits;
import io.divvy.state.TaskId;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.TaskTypes;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is kept of results for answers is bounded in bytes, whatever the way to combine. */
class AnswerBytesTest {
    private static final long MOST_BYTES = 100_000;

    private static ResultValues results(String array) {
        try {
            return ResultValues.parse(array.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(array, e);
        }
    }

    private static Combiner<?> wordCount() throws Exception {
        return Objects.requireNonNull(TaskTypes.builtin().find("word_count")).combiner(Json.MAPPER.createObjectNode());
    }

    @Test
    void newWordsGrowACountAndKnownOnesDoNot() throws Exception {
        Folding<?> folding = new Folding<>(wordCount());
        for (int i = 0; i < 1_000; i++) {
            folding.fold(0, i, i + 1, results("[{'the same word':1}]"), i);
        }
        assertTrue(folding.sizeBytes() < 2_000, folding.sizeBytes() + " bytes for one word");
        for (int i = 0; i < 1_000; i++) {
            folding.fold(0, 1_000 + i, 1_001 + i, results("[{'" + "w".repeat(100) + i + "':1}]"), 1_000 + i);
        }
        assertTrue(folding.sizeBytes() > 200_000, folding.sizeBytes() + " bytes for a thousand words of 100");
        assertTrue(folding.sizeBytes() < 600_000, folding.sizeBytes() + " bytes for a thousand words of 100");
    }

    @Test
    void oneLargeResultThatIsChosenInEachChunkCounts() {
        for (Combiner<?> combiner : new Combiner<?>[] {Combiners.first(), Combiners.any()}) {
            Folding<?> folding = new Folding<>(combiner);
            String large = "['" + "x".repeat(10_000) + "']";
            for (int chunk = 1; chunk <= 10; chunk++) {
                folding.fold(chunk, 1_024L * chunk, 1_024L * chunk + 1, results(large), 1_024L * chunk);
            }
            assertTrue(folding.sizeBytes() >= 100_000, combiner + ": " + folding.sizeBytes());
        }
    }

    @Test
    void aSumDoesNotGrowWithItsTermsButWithItsChunksAndDigits() {
        Folding<?> folding = new Folding<>(Combiners.sum());
        for (int i = 0; i < 1_000; i++) {
            folding.fold(0, i, i + 1, results("[" + i + "]"), i);
        }
        assertTrue(folding.sizeBytes() < 2_000, folding.sizeBytes() + " bytes for one sum");
        for (int chunk = 1; chunk <= 100; chunk++) {
            folding.fold(
                    chunk, 1_024L * chunk, 1_024L * chunk + 1, results("[" + "9".repeat(900) + "]"), 1_024L * chunk);
        }
        assertTrue(folding.sizeBytes() > 100 * 400, folding.sizeBytes() + " bytes for a hundred large sums");
    }

    @Test
    void smallNumbersThatAreKeptTakeWhatTheirNodesTake() {
        Folding<?> folding = new Folding<>(Combiners.collect());
        folding.fold(0, 0, 5, results("[1,2,3,4,5]"), 0);
        assertEquals(150, folding.sizeBytes());
    }

    @Test
    void resultsFoldedByWorkersAndRestoredAccumulatorsCount() throws Exception {
        Folding<?> folding = new Folding<>(wordCount());
        folding.foldCombined(0, results("[{'" + "w".repeat(10_000) + "':1}]"));
        assertTrue(folding.sizeBytes() >= 10_000, folding.sizeBytes() + " bytes");
        Folding<?> restored = new Folding<>(wordCount());
        JsonNode stored = Objects.requireNonNull(folding.stored(0));
        restored.restore(0, stored);
        assertTrue(restored.sizeBytes() >= 10_000, restored.sizeBytes() + " bytes");
        restored.drop();
        assertEquals(0, restored.sizeBytes());
        assertNull(restored.stored(0));
    }

    @Test
    void amongTasksWithoutAnAnswerTheOneThatKeepsTheMostBytesIsExcessive() {
        AnswerRoom room = new AnswerRoom(1_000);
        room.folded(new TaskId("small"), 100);
        room.folded(new TaskId("large"), 300);
        room.ended(new TaskId("answered"), 600);
        assertNull(room.excessive());
        room.folded(new TaskId("small"), 101);
        assertEquals(new TaskId("large"), room.excessive());
        room.release(new TaskId("large"));
        assertNull(room.excessive());
        room.folded(new TaskId("small"), 50);
        assertEquals(650, room.bytes());
        room.ended(new TaskId("small"), 0);
        room.release(new TaskId("answered"));
        assertEquals(0, room.bytes());
    }

    private static TcpServer start(Consumer<ServerLimits.Draft> changes) {
        return TcpServer.start(NetLimits.DEFAULT, Limits.DEFAULT, ServerLimitsOf.with(changes));
    }

    private static void answer(WirePeer worker, JsonNode assign, String result) {
        worker.send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + assign.get("from") + ",'results':["
                + result + "]}");
    }

    private static String submit(WirePeer sender, String task) {
        sender.send("{'type':'submit','request':1,'task':" + task + "}");
        return sender.receive("accepted").get("task_id").textValue();
    }

    private static JsonNode lease(WirePeer worker) {
        return worker.receiveAfter("assign", "task", "cancel", "forget", "ack", "revoke");
    }

    @Test
    void aCountOfTooManyDistinctWordsFailsItsTask() {
        try (TcpServer server = start(draft -> draft.answerBytes = MOST_BYTES);
                WirePeer worker = WirePeer.worker(server, 1);
                WirePeer sender = WirePeer.sender(server)) {
            submit(sender, "{'type':'word_count','params':{'texts':['a','b','c']}}");
            StringBuilder counts = new StringBuilder("{");
            for (int i = 0; i < 1_000; i++) {
                counts.append(i == 0 ? "" : ",")
                        .append('\'')
                        .append("w".repeat(100))
                        .append(i)
                        .append("':1");
            }
            answer(worker, lease(worker), counts + "}");
            JsonNode error = sender.receive("failed").get("error");
            assertEquals("limit_exceeded", error.get("code").textValue());
            server.settle();
            assertEquals(0, server.load().memory().answers());
        }
    }

    @Test
    void theTaskThatKeepsTheMostFailsAndTheOthersGoOn() {
        try (TcpServer server = start(draft -> draft.allAnswerBytes = MOST_BYTES);
                WirePeer ann = WirePeer.worker(server, 1, "'task_types':['a']");
                WirePeer bob = WirePeer.worker(server, 1, "'task_types':['b']");
                WirePeer sender = WirePeer.sender(server)) {
            String large = submit(sender, "{'type':'a','payloads':[1,2],'combine':'collect'}");
            answer(ann, lease(ann), "'" + "x".repeat(70_000) + "'");
            submit(sender, "{'type':'b','payloads':[1,2],'combine':'collect'}");
            answer(bob, lease(bob), "'" + "y".repeat(40_000) + "'");
            JsonNode failed = sender.receive("failed");
            assertEquals(large, failed.get("task_id").textValue());
            assertTrue(failed.get("error").get("message").textValue().contains("keeps the most"), failed::toString);
            answer(bob, lease(bob), "'z'");
            assertEquals(2, sender.receive("completed").get("result").size());
            server.settle();
            assertEquals(0, server.load().memory().answers());
        }
    }
}
