package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.task.RangeFolder;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server takes back a lease, also what runs of it, and the task goes on. */
class CancelledLeaseTest {
    private final ServerOfWorkers server = new ServerOfWorkers();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void stop() throws Exception {
        end.countDown();
        for (AutoCloseable each : open) {
            each.close();
        }
        server.close();
    }

    private WirePeer start(int slots, Letters type) {
        open.add(new RunningWorker(server, slots, type));
        WirePeer peer = server.welcomeWorker();
        open.add(peer);
        return peer;
    }

    /** Subtask 0 takes until the end of the test, if nothing interrupts it. */
    private JsonNode process(JsonNode payload) throws InterruptedException {
        if (payload.intValue() == 0) {
            begun.countDown();
            end.await();
        }
        return payload;
    }

    private static String task(int subtasks, boolean fold) {
        return "{'type':'task','task_id':'t','task_type':'letters','params':{},'subtasks':" + subtasks
                + ",'chunk':1024,'fold':" + fold + "}";
    }

    private static void requireReleased(WirePeer worker, long lease, long from) {
        JsonNode released = worker.receive("released");
        assertEquals(lease, released.get("lease").longValue());
        assertEquals(from, released.get("from").longValue());
    }

    @Test
    void aRunningSubtaskIsInterruptedAndTheSlotIsFree() throws InterruptedException {
        WirePeer worker = start(1, new Letters((payload, context) -> process(payload)));
        worker.send(task(9, false));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':3}");
        worker.send("{'type':'assign','lease':2,'task_id':'t','from':5,'to':6}");
        begun.await();
        worker.send("{'type':'cancel_lease','lease':1}");
        // No error: that would be an attempt.
        requireReleased(worker, 1, 0);
        JsonNode result = worker.receive("result");
        assertEquals(2, result.get("lease").longValue());
        assertEquals("[5]", result.get("results").toString());
    }

    @Test
    void codeThatAsksWhetherItIsCancelledHearsOfIt() throws InterruptedException {
        WirePeer worker = start(1, new Letters((payload, context) -> {
            begun.countDown();
            while (true) {
                Thread.interrupted(); // Something in there swallows it.
                context.checkCancelled();
                Thread.onSpinWait();
            }
        }));
        worker.send(task(1, false));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        begun.await();
        worker.send("{'type':'cancel_lease','lease':1}");
        requireReleased(worker, 1, 0);
    }

    @Test
    void codeThatCannotBeStoppedIsAnsweredAndThenReleased() throws InterruptedException {
        WirePeer worker = start(1, new Letters((payload, context) -> {
            begun.countDown();
            endUninterrupted();
            return payload;
        }));
        worker.send(task(3, false));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':3}");
        begun.await();
        worker.send("{'type':'cancel_lease','lease':1}");
        worker.send("{'type':'assign','lease':2,'task_id':'t','from':2,'to':3}");
        interrupted.await();
        end.countDown();
        JsonNode result = worker.receive("result");
        assertEquals("1 [0]", result.get("lease") + " " + result.get("results"));
        requireReleased(worker, 1, 0);
        assertEquals("[2]", worker.receive("result").get("results").toString());
    }

    @Test
    void unstartedIndexesAreReleasedAtOnce() throws InterruptedException {
        WirePeer worker = start(1, new Letters((payload, context) -> process(payload)));
        worker.send(task(9, false));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        worker.send("{'type':'assign','lease':2,'task_id':'t','from':5,'to':7}");
        begun.await();
        worker.send("{'type':'cancel_lease','lease':2}");
        requireReleased(worker, 2, 5);
        end.countDown();
        assertEquals(1, worker.receive("result").get("lease").longValue());
    }

    @Test
    void answeredIndexesAreNotReleased() {
        WirePeer worker = start(1, new Letters((payload, context) -> payload));
        worker.send(task(9, false));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':4,'to':5}");
        assertEquals("[4]", worker.receive("result").get("results").toString());
        // The slot has put the first lease away before it begins with another.
        worker.send("{'type':'assign','lease':2,'task_id':'t','from':6,'to':7}");
        assertEquals("[6]", worker.receive("result").get("results").toString());
        worker.send("{'type':'cancel_lease','lease':1}");
        requireReleased(worker, 1, 5);
    }

    @Test
    void indexesThatSeveralSlotsRunAreReleasedWhenTheLastHasStopped() throws InterruptedException {
        CountDownLatch bothBegun = new CountDownLatch(2);
        WirePeer worker = start(2, new Letters((payload, context) -> {
            bothBegun.countDown();
            if (payload.intValue() == 0) {
                end.await();
            } else {
                endUninterrupted();
            }
            return payload;
        }));
        worker.send(task(2, false));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':2}");
        bothBegun.await();
        worker.send("{'type':'cancel_lease','lease':1}");
        interrupted.await();
        end.countDown();
        JsonNode message = worker.receive();
        while (message.get("type").textValue().equals("result")) {
            message = worker.receive();
        }
        assertEquals("released", message.get("type").textValue());
        assertEquals(0, message.get("from").longValue());
    }

    @Test
    void aFoldIsInterruptedToo() throws InterruptedException {
        RangeFolder folder = (subtasks, from, to, context) -> {
            begun.countDown();
            end.await();
            return LongNode.valueOf(0);
        };
        WirePeer worker = start(1, new Letters((payload, context) -> payload, folder));
        worker.send(task(1_000, true));
        worker.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1000}");
        begun.await();
        worker.send("{'type':'cancel_lease','lease':1}");
        JsonNode message = worker.receive();
        while (message.get("type").textValue().equals("result")) {
            assertTrue(message.has("results"), "its first subtask, which is not folded");
            message = worker.receive();
        }
        assertEquals("released", message.get("type").textValue());
    }

    private void endUninterrupted() {
        while (true) {
            try {
                end.await();
                return;
            } catch (InterruptedException e) {
                interrupted.countDown(); // It goes on all the same.
            }
        }
    }
}
