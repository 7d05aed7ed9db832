package io.divvy.attack;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.WirePeer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A sender and a worker that mean well. The sender submits tasks of one quick subtask, over TCP up to their answers and over
 * HTTP, each under a key of its own, until they are accepted; the worker does them.
 */
final class GoodPair implements AutoCloseable {
    private static final String TYPE = "good";
    /** Without its braces. */
    static final String TASK = "\"type\":\"" + TYPE + "\",\"payloads\":[7],\"combine\":\"sum\"";

    static final int ANSWER = 7;

    private static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(2);

    private final Target server;
    private final WirePeer worker;
    private final GoodSender sender;
    private volatile Service service = new Service();
    private volatile boolean closing;

    GoodPair(Target server) {
        this.server = server;
        worker = WirePeer.connect(server.tcp());
        worker.send("{'type':'worker','protocol':2,'name':'good','slots':1,'credit':4,'task_types':['" + TYPE + "']}");
        worker.receive("welcome");
        sender = new GoodSender(server);
        start("good-worker", this::work);
        start("good-heart", this::beat);
    }

    static Thread start(String name, Runnable code) {
        Thread thread = new Thread(code, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    static void parkUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Asks for so long, and returns how it was served in that time. What has no answer by then counts up to then. */
    Service serve(Duration time) throws InterruptedException {
        service = new Service();
        long endNanos = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < GoodHttpClient.CLIENTS; number++) {
            GoodHttpClient client = new GoodHttpClient(server, service, number);
            threads.add(start("good-http", () -> client.submitUntil(endNanos)));
        }
        sender.submitUntil(endNanos, service);
        for (Thread thread : threads) {
            thread.join();
        }
        return service;
    }

    private void work() {
        try {
            while (true) {
                JsonNode message = worker.receive();
                if (message.get("type").textValue().equals("assign")) {
                    send("{'type':'result','lease':" + message.get("lease") + ",'from':" + message.get("from")
                            + ",'results':" + message.get("payloads") + "}");
                }
            }
        } catch (UncheckedIOException e) {
            fail(e);
        }
    }

    private void send(String message) {
        synchronized (worker) {
            worker.send(message);
        }
    }

    private void beat() {
        try {
            while (!closing) {
                send("{'type':'heartbeat'}");
                LockSupport.parkNanos(HEARTBEAT_EVERY.toNanos());
            }
        } catch (UncheckedIOException e) {
            fail(e);
        }
    }

    private void fail(UncheckedIOException e) {
        if (!closing) {
            service.fail("the good worker: " + e.getCause());
        }
    }

    @Override
    public void close() {
        closing = true;
        sender.close();
        worker.close();
    }
}
