package io.divvy.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.task.RangeFolder;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The worker that ships, message by message. */
class WorkerTest {
    private final ServerOfWorkers server = new ServerOfWorkers();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        server.close();
    }

    @Test
    void resultsThatAreLargeTogetherTravelInSeveralMessages() {
        TextNode large = TextNode.valueOf("x".repeat(100_000));
        WirePeer worker = start(new Letters((payload, context) -> large));
        worker.send(task(100));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':100}");
        long next = 0;
        while (next < 100) {
            JsonNode result = worker.receive("result");
            assertEquals(next, result.get("from").longValue());
            int size = result.get("results").size();
            assertTrue(size <= 3, size + " results in one message");
            next += size;
        }
    }

    @Test
    void anAnswerThatWaitsForCompanyDoesNotWaitForASubtaskThatTakesLong() {
        CountDownLatch end = new CountDownLatch(1);
        WirePeer worker = start(new Letters((payload, context) -> {
            if (payload.intValue() == 1) {
                end.await();
            }
            return payload;
        }));
        worker.send(task(2));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':2}");
        assertEquals("[0]", worker.receive("result").get("results").toString());
        end.countDown();
        assertEquals("[1]", worker.receive("result").get("results").toString());
    }

    @Test
    void answersThatWaitForCompanyAreSentBeforeTheWorkerLeaves() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        RunningWorker leaving = new RunningWorker(server, 2, new Letters((payload, context) -> {
            begun.countDown();
            end.await();
            return payload;
        }));
        open.add(leaving);
        WirePeer worker = server.welcomeWorker();
        open.add(worker);
        worker.send(task(4));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':4}");
        begun.await();
        leaving.close();
        worker.receive("drain");
        end.countDown();
        long answered = 0;
        while (answered < 2) {
            answered += worker.receive("result").get("results").size();
        }
        worker.receiveEnd();
    }

    @Test
    void aResultThatNoMessageHoldsIsTheFailureOfItsSubtaskAlone() {
        TextNode tooLarge = TextNode.valueOf("é".repeat(2_200_000));
        WirePeer worker = start(new Letters((payload, context) -> payload.intValue() == 1 ? tooLarge : payload));
        worker.send(task(3));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':3}");
        assertEquals("[0]", worker.receive("result").get("results").toString());
        JsonNode error = worker.receive("error");
        assertEquals(1, error.get("index").intValue());
        assertFalse(error.get("retryable").booleanValue(), "the next attempt gives the same");
        assertTrue(error.get("message").textValue().contains("fit into a message"), error::toString);
        assertEquals("[2]", worker.receive("result").get("results").toString());
    }

    @Test
    void aResultThatTheServerCouldNotReadIsTheFailureOfItsSubtask() {
        JsonNode deep = JsonNodeFactory.instance.arrayNode();
        for (int depth = 0; depth < 100; depth++) {
            deep = JsonNodeFactory.instance.arrayNode().add(deep);
        }
        List<JsonNode> results = List.of(deep, new POJONode(new Object()), LongNode.valueOf(7));
        WirePeer worker = start(new Letters((payload, context) -> results.get(payload.intValue())));
        worker.send(task(3));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':3}");
        assertTrue(worker.receive("error").get("message").textValue().contains("nested more than"));
        assertTrue(worker.receive("error").get("message").textValue().contains("POJONode"));
        assertEquals("[7]", worker.receive("result").get("results").toString());
    }

    @Test
    @SuppressWarnings("unchecked") // What an ObjectNode inherits is not quite what it says.
    void aResultThatCannotBeWrittenIsAnErrorAndTheSlotGoesOn() {
        ObjectNode unwritable = new ObjectNode(JsonNodeFactory.instance) {
            private static final long serialVersionUID = 1;

            @Override
            public void serialize(JsonGenerator json, SerializerProvider provider) {
                throw new IllegalStateException("this node cannot be written");
            }
        };
        WirePeer worker = start(new Letters((payload, context) -> payload.intValue() == 0 ? unwritable : payload));
        worker.send(task(2));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        JsonNode error = worker.receive("error");
        assertEquals(0, error.get("index").intValue());
        assertTrue(error.get("message").textValue().contains("IllegalStateException"), error::toString);
        worker.send("{'type':'assign','lease':2,'task_id':'t','from':1,'to':2}");
        assertEquals("[1]", worker.receive("result").get("results").toString());
    }

    @Test
    void aLongErrorMessageIsCut() {
        WirePeer worker = start(new Letters((payload, context) -> {
            throw new IllegalStateException("x".repeat(5_000_000));
        }));
        worker.send(task(1));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        assertTrue(worker.receive("error").get("message").textValue().length() < 3_000);
    }

    @Test
    void aRangeIsFoldedWhereTheTypeKnowsHow() {
        RangeFolder folder = (subtasks, from, to, context) -> LongNode.valueOf(sumOfIndexes(from, to));
        WirePeer worker = start(new Letters((payload, context) -> payload, folder));
        worker.send(folded(1_000));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1000}");
        long sum = 0;
        boolean combined = false;
        for (long next = 0; next < 1_000; ) {
            JsonNode result = worker.receive("result");
            assertEquals(next, result.get("from").longValue());
            if (result.has("combined")) {
                combined = true;
                next = result.get("to").longValue();
                sum += result.get("combined").longValue();
            } else {
                // One subtask alone is a result: it can be offered again after a lost connection.
                next += result.get("results").size();
                sum += result.get("results").get(0).longValue();
            }
        }
        assertEquals(sumOfIndexes(0, 1_000), sum);
        assertTrue(combined);
    }

    @Test
    void whereFoldingFailsTheSubtaskThatFailsIsNamed() {
        RangeFolder folder = (subtasks, from, to, context) -> {
            if (from <= 700 && 700 < to) {
                throw new IllegalStateException("somewhere in there");
            }
            return LongNode.valueOf(sumOfIndexes(from, to));
        };
        WirePeer worker = start(new Letters(
                (payload, context) -> {
                    if (payload.intValue() == 700) {
                        throw new IllegalStateException("700 cannot be done");
                    }
                    return payload;
                },
                folder));
        worker.send(folded(1_000));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1000}");
        long sum = 0;
        for (long next = 0; next < 1_000; ) {
            JsonNode answer = worker.receive();
            if (answer.get("type").textValue().equals("error")) {
                assertEquals(700, answer.get("index").intValue());
                assertTrue(answer.get("message").textValue().contains("700 cannot be done"));
                next = 701;
            } else if (answer.has("combined")) {
                next = answer.get("to").longValue();
                sum += answer.get("combined").longValue();
            } else {
                next = answer.get("from").longValue() + answer.get("results").size();
                for (JsonNode result : answer.get("results")) {
                    sum += result.longValue();
                }
            }
        }
        assertEquals(sumOfIndexes(0, 1_000) - 700, sum);
    }

    @Test
    void aTaskWithASubtaskTimeoutIsNotFolded() {
        AtomicInteger folds = new AtomicInteger();
        RangeFolder folder = (subtasks, from, to, context) -> IntNode.valueOf(folds.incrementAndGet());
        WirePeer worker = start(new Letters((payload, context) -> payload, folder));
        worker.send("{'type':'task','task_id':'t','task_type':'letters','params':{},'subtasks':1000,'chunk':1024,"
                + "'fold':true,'subtask_timeout_ms':60000}");
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1000}");
        for (long next = 0; next < 1_000; ) {
            next += worker.receive("result").get("results").size();
        }
        assertEquals(0, folds.get());
    }

    @Test
    void aLeaseOfATaskThatWasNeverDescribedEndsTheConnection() {
        WirePeer worker = start(new Letters((payload, context) -> payload));
        worker.send("{'type':'assign','lease':1,'task_id':'nobody-told-me','from':0,'to':1}");
        worker.receiveEnd();
        open.add(server.welcomeWorker());
    }

    @Test
    void aWorkerThatLeavesReadsToTheEndSoThatItsLastResultsArrive() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        RunningWorker leaving = new RunningWorker(server, 1, new Letters((payload, context) -> {
            started.countDown();
            awaitUninterrupted(end);
            return TextNode.valueOf("x".repeat(200_000));
        }));
        WirePeer worker = keep(server.welcomeWorker());
        worker.send(task(1));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        started.await();
        Thread drainer = new Thread(leaving.worker()::drain, "drainer");
        drainer.start();
        worker.receive("drain");
        end.countDown();
        // It does not close as long as something may come.
        worker.send("{'type':'ack','lease':1,'from':0,'to':1}");
        assertEquals(
                200_000,
                worker.receive("result").get("results").get(0).textValue().length());
        worker.receiveEnd();
        assertTrue(drainer.isAlive(), "it waits for the server to close");
        worker.close();
        drainer.join();
    }

    @Test
    void nothingIsLeftOfAWorkerThatEnded() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        RunningWorker leaving = new RunningWorker(server, 2, new Letters((payload, context) -> payload));
        WirePeer worker = keep(server.welcomeWorker());
        assertTrue(
                ofWorkersSince(before).contains("divvy-doubt"),
                () -> ofWorkersSince(before).toString());
        Thread drainer = new Thread(leaving.worker()::drain, "drainer");
        drainer.start();
        worker.receive("drain");
        worker.close();
        leaving.awaitEnd();
        await().untilAsserted(() -> assertEquals(List.of(), ofWorkersSince(before)));
    }

    /** The names of their threads that were not there before. */
    private static List<String> ofWorkersSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("divvy-"))
                .toList();
    }

    private static long sumOfIndexes(long from, long to) {
        return (to - from) * (from + to - 1) / 2;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                continue; // That is what it is for.
            }
        }
    }

    private WirePeer start(Letters type) {
        open.add(new RunningWorker(server, 1, type));
        return keep(server.welcomeWorker());
    }

    private WirePeer keep(WirePeer peer) {
        open.add(peer);
        return peer;
    }

    private static String task(int subtasks) {
        return "{'type':'task','task_id':'t','task_type':'letters','params':{},'subtasks':" + subtasks
                + ",'chunk':1024,'fold':false}";
    }

    private static String folded(int subtasks) {
        return task(subtasks).replace("'fold':false", "'fold':true");
    }
}
