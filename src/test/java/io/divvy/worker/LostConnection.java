package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** A worker that runs something, and a server that the test plays, whose connection it cuts. */
abstract class LostConnection {
    final ServerOfWorkers server = new ServerOfWorkers();
    final List<AutoCloseable> open = new ArrayList<>();
    /** Subtask 0 begins, is let go by the test, or is interrupted. */
    final CountDownLatch begun = new CountDownLatch(1);

    final CountDownLatch letGo = new CountDownLatch(1);
    final CountDownLatch interrupted = new CountDownLatch(1);
    /** How often subtask 0 was begun. */
    final AtomicInteger attempts = new AtomicInteger();

    @AfterEach
    void stop() throws Exception {
        letGo.countDown();
        for (AutoCloseable each : open) {
            each.close();
        }
        server.close();
    }

    /** Subtask 0 waits until the test lets it go, and then fails if it is to; the others are quick. */
    Letters firstTakesLong(boolean fails) {
        return new Letters((payload, context) -> {
            if (payload.longValue() != 0) {
                return payload;
            }
            attempts.incrementAndGet();
            waitToBeLetGo(payload);
            if (fails) {
                throw new IllegalStateException("all but not this one");
            }
            return payload;
        });
    }

    JsonNode waitToBeLetGo(JsonNode result) throws InterruptedException {
        begun.countDown();
        try {
            letGo.await();
            return result;
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    /** A worker that runs subtask 0 of the task t, and whose connection is lost. */
    RunningWorker loseTheConnectionOf(int slots, Letters type) throws InterruptedException {
        RunningWorker worker = new RunningWorker(server, slots, type);
        open.add(worker);
        WirePeer first = keep(server.welcomeWorker());
        first.send(task());
        first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
        await(begun);
        first.vanish();
        return worker;
    }

    WirePeer start(int slots, Letters type) {
        open.add(new RunningWorker(server, slots, type));
        return keep(server.welcomeWorker());
    }

    WirePeer keep(WirePeer peer) {
        open.add(peer);
        return peer;
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(20, TimeUnit.SECONDS));
    }

    static void awaitUninterrupted(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                continue; // That is what it is for.
            }
        }
    }

    static String task() {
        return "{'type':'task','task_id':'t','task_type':'letters','params':{},'subtasks':1000,'chunk':1024,"
                + "'fold':false}";
    }

    static String answer(long lease, long from, String results) {
        return "{\"type\":\"result\",\"lease\":" + lease + ",\"from\":" + from + ",\"results\":" + results + "}";
    }

    static String offer(long from, String results) {
        return "{\"type\":\"result\",\"task_id\":\"t\",\"from\":" + from + ",\"results\":" + results + "}";
    }
}
