package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.store.Retention;
import io.divvy.store.sqlite.SqliteStore;
import io.divvy.task.JsonText;
import io.divvy.task.TaskTypes;
import io.divvy.testing.RealTimeConfig;
import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that are large are looked at, combined and written out off the loop, though the code is ours. */
@Timeout(60)
class LargeResultsTest {
    private static final String COUNTS = "{'type':'word_count','params':{'texts':['1','2','3','4','5','6']}}";
    private static final String MERGED = "{'type':'words','payloads':[1,2,3,4,5,6],'combine':'merge_counts'}";
    private static final String LIST = "{'type':'words','payloads':[1,2,3,4,5,6],'combine':'collect'}";
    private static final String SUM = "{'type':'words','payloads':[1,2,3,4,5,6],'combine':'sum'}";
    private static final int WORDS = 1_000;

    @TempDir
    private Path data;

    private final TypeLanes lanes = new TypeLanes(TaskTypes.builtin(), TypeLimits.forHeap(256L << 20));

    @AfterEach
    void close() {
        lanes.close();
    }

    private TaskWork work(String task) throws Exception {
        TaskObject object = TaskObject.read(JsonText.object(task.replace('\'', '"')));
        return TaskWork.prepare(object, TaskTypes.builtin().find(object.type()), lanes.of(object));
    }

    /** A thousand words of some 200 letters; those of another first one share half of them. */
    private static ObjectNode words(int first) {
        ObjectNode words = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < WORDS; i++) {
            words.put("w".repeat(200) + (first * WORDS / 2 + i), 1);
        }
        return words;
    }

    private static ResultValues values(JsonNode... values) {
        return ResultValues.of(List.of(values));
    }

    @Test
    void aLargeResultIsCombinedOffTheLoopAndSoIsAllThatComesAfterIt() throws Exception {
        TaskWork work = work(COUNTS);
        ResultValues small = values(JsonText.object("{\"word\":1}"));
        assertSame(TypeLane.INLINE, work.foldLane(small));
        TypeLane lane = work.foldLane(values(words(0)));
        assertNotSame(TypeLane.INLINE, lane);
        assertSame(lane, work.foldLane(small));
        assertSame(lane, work.foldLane());
        assertSame(lane, work.finishLane());
        assertFalse(lane.isForeign());
    }

    @Test
    void manySmallResultsThatBecomeLargeTogetherAreCombinedOffTheLoop() throws Exception {
        TaskWork work = work(COUNTS);
        Iterator<Map.Entry<String, JsonNode>> words = words(0).properties().iterator();
        while (work.folding().sizeBytes() <= TaskWork.LARGE_BYTES) {
            assertSame(TypeLane.INLINE, work.foldLane());
            Map.Entry<String, JsonNode> word = words.next();
            ObjectNode one = JsonNodeFactory.instance.objectNode();
            one.set(word.getKey(), word.getValue());
            work.folding().fold(0, 0, 1, values(one), 0);
        }
        assertNotSame(TypeLane.INLINE, work.foldLane());
    }

    @Test
    void smallResultsThatAreKeptStayOnTheLoopUntilTheAnswerIsWritten() throws Exception {
        TaskWork work = work(LIST);
        ResultValues small = values(JsonText.object("{\"word\":1}"));
        while (work.folding().sizeBytes() <= TaskWork.LARGE_BYTES) {
            assertSame(TypeLane.INLINE, work.foldLane(small));
            work.folding().fold(0, 0, 1, small, 0);
        }
        assertSame(TypeLane.INLINE, work.foldLane(small));
        assertNotSame(TypeLane.INLINE, work.finishLane());
    }

    @Test
    void wholeNumbersAreAddedUpOnTheLoopHoweverManyThereAre() throws Exception {
        TaskWork work = work(SUM);
        ResultValues million = new ResultValues.Longs(new long[1_000_000]);
        assertSame(TypeLane.INLINE, work.foldLane(million));
        work.folding().fold(0, 0, 1_000_000, million, 0);
        assertSame(TypeLane.INLINE, work.finishLane());
    }

    @Test
    void lanesAreBehindWhileMuchWaitsToBeCombined() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        CompletableFuture<Thread> ranOn = new CompletableFuture<>();
        assertFalse(lanes.isBehind());
        lanes.large()
                .call(
                        "fold",
                        HALF_OF_WAITING_BYTES + 1,
                        () -> {
                            letGo.await();
                            return Thread.currentThread();
                        },
                        outcome -> ranOn.complete(((Outcome.Returned<Thread>) outcome).value()));
        assertTrue(lanes.isBehind());
        letGo.countDown();
        assertNotSame(Thread.currentThread(), ranOn.get(20, TimeUnit.SECONDS));
        await().until(() -> !lanes.isBehind());
    }

    /** Half of the bytes that may wait for the code of a type, with a heap of 256 MiB. */
    private static final long HALF_OF_WAITING_BYTES =
            TypeLimits.forHeap(256L << 20).waitingBytes() / 2;

    private DivvyServer start() throws IOException {
        return DivvyServer.start(
                RealTimeConfig.onFreePort(), TaskTypes.builtin(), SqliteStore.open(data, Retention.DEFAULT));
    }

    private static WirePeer worker(DivvyServer server) {
        WirePeer worker = WirePeer.connect(server.address());
        worker.send("{'type':'worker','protocol':2,'slots':1,'credit':1,'acks':true,'task_types':['*']}");
        worker.receive("welcome");
        return worker;
    }

    /** Answers three subtasks with their words, and waits until that is durable, or the task has ended. */
    private static void answerThree(WirePeer worker) {
        int answered = 0;
        int acked = 0;
        while (acked < 3) {
            JsonNode message = worker.receive();
            String type = message.get("type").textValue();
            if (type.equals("assign") && answered < 3) {
                int index = message.get("from").intValue();
                assertEquals(index + 1, message.get("to").intValue(), "its credit is 1");
                worker.send("{'type':'result','lease':" + message.get("lease") + ",'from':" + index + ",'results':["
                        + words(index) + "]}");
                answered++;
            } else if (type.equals("ack")) {
                acked += message.get("to").intValue() - message.get("from").intValue();
            } else if (type.equals("forget")) {
                return;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {COUNTS, MERGED})
    void combinedResultsAreThereAfterARestart(String submitted) throws Exception {
        String id;
        try (DivvyServer server = start();
                WirePeer worker = worker(server)) {
            id = server.gateway()
                    .submit(TaskObject.read(JsonText.object(submitted.replace('\'', '"'))))
                    .get(20, TimeUnit.SECONDS)
                    .id();
            answerThree(worker);
        }
        try (DivvyServer server = start();
                WirePeer worker = worker(server)) {
            answerThree(worker);
            TaskView task = server.gateway()
                    .awaitEnd(id, Duration.ofSeconds(30))
                    .get(40, TimeUnit.SECONDS)
                    .orElseThrow()
                    .get();
            assertEquals("completed", task.state());
            JsonNode counts = JsonText.object(String.valueOf(task.result()));
            assertEquals(7 * WORDS / 2, counts.size());
            long sum = 0;
            for (JsonNode count : counts) {
                sum += count.longValue();
            }
            assertEquals(6 * WORDS, sum);
        }
    }
}
