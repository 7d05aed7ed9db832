package io.divvy.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.testing.WirePeer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the code of a task type throws, it is that subtask's failed attempt, and the slot goes on. */
@Timeout(60)
class TypeCodeOnWorkerTest {
    private final ServerOfWorkers server = new ServerOfWorkers();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private @Nullable RunningWorker worker;

    /** An error that no list of exceptions names. */
    private static class OwnError extends Error {
        private static final long serialVersionUID = 1;

        OwnError(String message) {
            super(message);
        }
    }

    private static final class Mute extends OwnError {
        private static final long serialVersionUID = 1;

        Mute() {
            super("");
        }

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("no text");
        }
    }

    @AfterEach
    void stop() throws Exception {
        open.addFirst(server);
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private WirePeer start(TaskType type) {
        worker = new RunningWorker(server, 1, type);
        open.add(worker);
        WirePeer peer = server.welcomeWorker();
        open.add(peer);
        return peer;
    }

    private WirePeer start(Letters.Code code) {
        return start(new Letters(code));
    }

    private static String task(int subtasks, boolean fold) {
        return "{'type':'task','task_id':'t','task_type':'letters','params':{},'subtasks':" + subtasks
                + ",'chunk':1024,'fold':" + fold + "}";
    }

    /** What the worker says of the first of two subtasks; the second has to be done. */
    private JsonNode errorBesideAResult(WirePeer peer) {
        peer.send(task(2, false));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':2}");
        JsonNode error = peer.receive("error");
        assertEquals(0, error.get("index").intValue());
        assertEquals("[1]", peer.receive("result").get("results").toString());
        assertNull(worker.worker().doubt());
        return error;
    }

    private static JsonNode fails(JsonNode payload, Error with) {
        if (payload.intValue() == 0) {
            throw with;
        }
        return payload;
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + depth;
    }

    @Test
    void anErrorOfATypesOwnIsAFailedAttempt() {
        JsonNode error = errorBesideAResult(start((payload, context) -> fails(payload, new OwnError("a word"))));
        assertEquals(
                "io.divvy.worker.TypeCodeOnWorkerTest$OwnError: a word",
                error.get("message").textValue());
        assertTrue(error.get("retryable").booleanValue());
        assertTrue(error.get("detail").textValue().contains("at io.divvy.worker.TypeCodeOnWorkerTest"));
    }

    @Test
    void anErrorThatCannotSayWhatItIsIsAFailedAttempt() {
        JsonNode error = errorBesideAResult(start((payload, context) -> fails(payload, new Mute())));
        assertTrue(
                error.get("message").textValue().startsWith("io.divvy.worker.TypeCodeOnWorkerTest$Mute: (its message"),
                error::toString);
    }

    @Test
    void aStackThatIsUsedUpIsAFailedAttempt() {
        JsonNode error = errorBesideAResult(start((payload, context) -> {
            if (payload.intValue() == 0) {
                recurse(0);
            }
            return payload;
        }));
        assertEquals("java.lang.StackOverflowError", error.get("message").textValue());
    }

    @Test
    void aSlotThatIsInterruptedWhileItWaitsGoesOn() {
        AtomicReference<Thread> slot = new AtomicReference<>();
        WirePeer peer = start((payload, context) -> {
            slot.set(Thread.currentThread());
            return payload;
        });
        peer.send(task(2, false));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        assertEquals("[0]", peer.receive("result").get("results").toString());
        await().until(() -> slot.get().getState() == Thread.State.WAITING);
        slot.get().interrupt();
        await().until(() -> !slot.get().isInterrupted());
        peer.send("{'type':'assign','lease':2,'task_id':'t','from':1,'to':2}");
        assertEquals("[1]", peer.receive("result").get("results").toString());
    }

    /** Its methods other than process throw, where they are asked to. */
    private record Throwing(boolean inSplit, boolean inRangeFolder) implements TaskType {
        @Override
        public String name() {
            return "letters";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            if (inSplit) {
                throw new OwnError("no split");
            }
            return new Letters((payload, context) -> payload).split(params, subtasks);
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            throw new OwnError("no combiner");
        }

        @Override
        public @Nullable RangeFolder rangeFolder() {
            if (inRangeFolder) {
                throw new OwnError("no range folder");
            }
            return null;
        }
    }

    @Test
    void aRangeFolderThatCannotBeHadLeavesTheSubtasksToBeRunOneByOne() {
        WirePeer peer = start(new Throwing(false, true));
        peer.send(task(2, true));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':2}");
        assertEquals("[0]", peer.receive("result").get("results").toString());
        assertEquals("[1]", peer.receive("result").get("results").toString());
    }

    @Test
    void aSplitThatThrowsAnErrorLeavesThePayloadsToTheServer() {
        WirePeer peer = start(new Throwing(true, false));
        peer.send(task(2, false));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        assertEquals("t", peer.receive("decline").get("task_id").textValue());
        peer.send("{'type':'assign','lease':2,'task_id':'t','from':0,'to':1,'payloads':[7]}");
        assertEquals("[7]", peer.receive("result").get("results").toString());
    }

    /** Counts how often it is asked to split. */
    private record Counting(AtomicInteger splits) implements TaskType {
        @Override
        public String name() {
            return "letters";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            splits.incrementAndGet();
            return new Letters((payload, context) -> payload).split(params, subtasks);
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            throw new OwnError("no combiner");
        }
    }

    @Test
    void aTaskIsSplitOnceALeaseComesWithoutPayloadsAndNotIfItBringsThem() {
        Counting type = new Counting(new AtomicInteger());
        WirePeer peer = start(type);
        peer.send(task(4, false));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1,'payloads':[7]}");
        assertEquals("[7]", peer.receive("result").get("results").toString());
        assertEquals(0, type.splits.get());
        for (int index = 1; index < 3; index++) {
            peer.send("{'type':'assign','lease':" + (index + 1) + ",'task_id':'t','from':" + index + ",'to':"
                    + (index + 1) + "}");
            assertEquals(
                    "[" + index + "]", peer.receive("result").get("results").toString());
            assertEquals(1, type.splits.get());
        }
        peer.send("{'type':'forget','task_id':'t'}");
        peer.send(task(4, false));
        peer.send("{'type':'assign','lease':4,'task_id':'t','from':3,'to':4}");
        assertEquals("[3]", peer.receive("result").get("results").toString());
        assertEquals(2, type.splits.get(), "it was described again");
    }

    /** Its split or its range folder never returns. */
    private record Hanging(boolean inSplit, CountDownLatch end) implements TaskType {
        @Override
        public String name() {
            return "letters";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            if (inSplit) {
                hang();
            }
            return new Letters((payload, context) -> payload).split(params, subtasks);
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            throw new OwnError("no combiner");
        }

        @Override
        public @Nullable RangeFolder rangeFolder() {
            hang();
            return null;
        }

        private void hang() {
            while (end.getCount() > 0) {
                Thread.onSpinWait();
                Thread.yield();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void codeThatHangsBeforeTheFirstSubtaskLeavesThePayloadsToTheServer(boolean inSplit) {
        CountDownLatch end = new CountDownLatch(1);
        try {
            WirePeer peer = start(new Hanging(inSplit, end));
            for (int i = 0; i < 5; i++) { // The last two are not even tried: each costs a thread.
                String task = "t" + i;
                peer.send(task(2, true).replace("'t'", "'" + task + "'"));
                peer.send("{'type':'assign','lease':" + (i + 11) + ",'task_id':'" + task + "','from':0,'to':1}");
                assertEquals(task, peer.receive("decline").get("task_id").textValue());
                peer.send("{'type':'assign','lease':" + (i + 1) + ",'task_id':'" + task
                        + "','from':0,'to':1,'payloads':[7]}");
                assertEquals("[7]", peer.receive("result").get("results").toString());
            }
            long lost = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("divvy-split-letters"))
                    .count();
            assertEquals(3, lost);
        } finally {
            end.countDown();
        }
    }

    @Test
    void aRangeThatFoldsToNullIsRunOneByOne() {
        RangeFolder folder = (subtasks, from, to, context) -> null;
        WirePeer peer = start(new Letters((payload, context) -> payload, folder));
        peer.send(task(100, true));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':100}");
        List<Long> results = new ArrayList<>();
        while (results.size() < 100) {
            peer.receive("result").get("results").forEach(result -> results.add(result.longValue()));
        }
        assertEquals(99L, results.get(99));
    }

    @Test
    void aWorkerThatRanOutOfMemorySaysWhatFailedGivesBackTheRestAndLeaves() throws Exception {
        WirePeer peer =
                start((payload, context) -> LongNode.valueOf(new long[Integer.MAX_VALUE][Integer.MAX_VALUE].length));
        peer.send(task(1_000, false));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1000}");
        JsonNode error = peer.receive("error");
        assertEquals(0, error.get("index").intValue());
        assertTrue(error.get("message").textValue().startsWith("java.lang.OutOfMemoryError: "), error::toString);
        peer.receive("drain");
        peer.receiveEnd();
        peer.close();
        worker.awaitEnd();
        assertNotNull(worker.worker().doubt());
        assertTrue(
                worker.worker().doubt().contains("OutOfMemoryError"),
                worker.worker().doubt());
    }

    @Test
    void aWorkerInDoubtFinishesItsOtherRunningSubtasks() throws Exception {
        CountDownLatch bothRun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        worker = new RunningWorker(server, 2, new Letters((payload, context) -> {
            bothRun.countDown();
            bothRun.await();
            if (payload.intValue() == 0) {
                throw new InternalError("as if the machine were broken");
            }
            end.await();
            return payload;
        }));
        open.add(worker);
        WirePeer peer = server.welcomeWorker();
        open.add(peer);
        peer.send(task(2, false));
        peer.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':2}");
        assertEquals(
                "java.lang.InternalError: as if the machine were broken",
                peer.receive("error").get("message").textValue());
        peer.receive("drain");
        assertFalse(worker.worker().doubt() == null);
        end.countDown();
        assertEquals("[1]", peer.receive("result").get("results").toString());
        peer.receiveEnd();
        peer.close();
        worker.awaitEnd();
    }
}
