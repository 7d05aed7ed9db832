package io.divvy.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.testing.WirePeer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker whose server says nothing any more: it is gone, or the way to it, or it was stopped. */
class WorkerOfSilentServerTest {
    private static final long SILENCE_MS = 400;
    private static final long HEARTBEAT_MS = 60;
    private static final String TASK = "{'type':'task','task_id':'t','task_type':'letters','params':{},"
            + "'subtasks':10,'chunk':1024,'fold':false}";

    private final ServerOfWorkers server = new ServerOfWorkers();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final RunningWorker worker = new RunningWorker(
            server,
            1,
            new Letters((payload, context) -> {
                letGo.await();
                return LongNode.valueOf(payload.longValue());
            }),
            SILENCE_MS);

    @AfterEach
    void stop() {
        letGo.countDown();
        worker.close();
        server.close();
    }

    @Test
    void aServerThatSaysNothingIsGivenUpWithAWordAndWhatRanIsOfferedToTheNext() {
        try (WirePeer first = server.welcomeWorker(HEARTBEAT_MS, true)) {
            first.send(TASK);
            first.send("{'type':'assign','lease':1,'task_id':'t','from':0,'to':1}");
            first.receive("drain");
            first.receiveEnd();
        }
        try (WirePeer next = server.welcomeWorker(HEARTBEAT_MS, true)) {
            letGo.countDown();
            assertEquals(
                    "{\"type\":\"result\",\"task_id\":\"t\",\"from\":0,\"results\":[0]}",
                    next.receive("result").toString());
        }
    }

    @Test
    void aServerThatNeverAnswersTheHelloIsGivenUp() {
        try (WirePeer stopped = server.acceptWorker()) {
            stopped.receive("drain");
            stopped.receiveEnd();
        }
        server.welcomeWorker(HEARTBEAT_MS, true).close();
    }

    @Test
    void heartbeatsAndEachByteOfAFrameAreSignsOfLife() {
        try (WirePeer first = server.welcomeWorker(HEARTBEAT_MS, true)) {
            long startNanos = System.nanoTime();
            byte[] heartbeat = WirePeer.frame("{'type':'heartbeat'}");
            AtomicInteger sent = new AtomicInteger();
            await().pollInterval(Duration.ofMillis(SILENCE_MS / 8)).until(() -> {
                first.sendBytes(heartbeat[sent.getAndIncrement() % heartbeat.length]);
                return sent.get() == heartbeat.length;
            });
            await().pollInterval(Duration.ofMillis(SILENCE_MS / 8)).until(() -> {
                first.sendBytes(heartbeat);
                return System.nanoTime() - startNanos > 5 * SILENCE_MS * 1_000_000;
            });
            first.send("{'type':'revoke','lease':1,'from':0}");
            first.receive("released");
        }
    }

    @Test
    void aServerThatPromisedNoHeartbeatsMaySayNothing() {
        try (WirePeer old = server.welcomeWorker(HEARTBEAT_MS, false)) {
            for (long heardMs = 0; heardMs < 3 * SILENCE_MS; heardMs += HEARTBEAT_MS / 3) {
                assertEquals("heartbeat", old.receiveAny().get("type").textValue());
            }
            old.send("{'type':'revoke','lease':1,'from':0}");
            old.receive("released");
        }
    }
}
