package io.divvy.attack;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.testing.WirePeer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Submits a task over TCP at fixed times, whether those before are done or not. */
final class GoodSender implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(10);

    private final WirePeer peer;
    /** When they were due, by the number of the request until they are accepted, then by the task's id. */
    private final Map<String, Long> dueNanos = new HashMap<>();

    private Service service = new Service();
    private long requests;
    private boolean lost;

    GoodSender(Target server) {
        peer = WirePeer.sender(server.tcp());
        GoodPair.start("good-receiver", this::receive);
    }

    void submitUntil(long endNanos, Service heard) {
        synchronized (this) {
            service = heard;
        }
        for (long due = System.nanoTime(); due < endNanos; due += EVERY.toNanos()) {
            GoodPair.parkUntil(due);
            submit(due);
        }
        GoodPair.parkUntil(endNanos);
        synchronized (this) {
            dueNanos.values().forEach(due -> service.tcp(due, endNanos));
            dueNanos.clear();
        }
    }

    private void submit(long due) {
        String request;
        synchronized (this) {
            request = Long.toString(++requests);
            dueNanos.put(request, due);
            if (lost) {
                return; // It counts as not answered.
            }
        }
        try {
            peer.send("{'type':'submit','request':" + request + ",'task':{" + GoodPair.TASK + "}}");
        } catch (UncheckedIOException e) {
            lose("the good sender: " + e.getCause());
        }
    }

    private synchronized void lose(String how) {
        if (!lost) {
            lost = true;
            service.fail(how);
        }
    }

    private void receive() {
        try {
            while (true) {
                JsonNode message = peer.receive();
                hear(message, System.nanoTime());
            }
        } catch (UncheckedIOException e) {
            lose("the good sender: " + e.getCause());
        }
    }

    private synchronized void hear(JsonNode message, long nowNanos) {
        String type = message.path("type").asText();
        String request = message.path("request").asText();
        String task = message.path("task_id").asText();
        if (type.equals("accepted") && dueNanos.containsKey(request)) {
            dueNanos.put(task, dueNanos.remove(request));
        } else if (type.equals("completed") && message.path("result").asInt() == GoodPair.ANSWER) {
            Long due = dueNanos.remove(task);
            if (due != null) {
                service.tcp(due, nowNanos);
            }
        } else if (type.equals("error") && message.path("code").asText().equals("busy")) {
            Long due = dueNanos.remove(request);
            if (due != null) {
                service.tcp(due, nowNanos);
                service.refuse();
            }
        } else if (!type.equals("accepted") && !type.equals("heartbeat")) {
            service.fail("the good sender got " + message);
        }
    }

    @Override
    public synchronized void close() {
        lost = true;
        peer.close();
    }
}
