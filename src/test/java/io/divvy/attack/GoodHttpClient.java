package io.divvy.attack;

import java.io.IOException;
import java.time.Duration;

/** Submits tasks over HTTP, each under a key of its own, at fixed times, one after the other on one connection. */
final class GoodHttpClient {
    static final int CLIENTS = 8;

    private static final Duration EVERY = Duration.ofMillis(200);
    private static final int TIMEOUT_MS = 20_000;
    private static final int NEW = 202;
    private static final int BUSY = 503;

    private final Target server;
    private final Service service;
    private final int number;

    /** @param number of this one, below {@link #CLIENTS}; they take turns */
    GoodHttpClient(Target server, Service service, int number) {
        this.server = server;
        this.service = service;
        this.number = number;
    }

    void submitUntil(long endNanos) {
        long dueNanos = System.nanoTime() + EVERY.toNanos() * number / CLIENTS;
        try (HttpPeer http = new HttpPeer(server.http(), TIMEOUT_MS)) {
            for (; dueNanos < endNanos; dueNanos += EVERY.toNanos()) {
                GoodPair.parkUntil(dueNanos);
                if (System.nanoTime() >= endNanos) {
                    break;
                }
                submit(http, dueNanos);
            }
        } catch (IOException e) {
            service.fail("a good HTTP client: " + e);
        }
        for (; dueNanos < endNanos; dueNanos += EVERY.toNanos()) {
            service.http(dueNanos, endNanos);
        }
    }

    private void submit(HttpPeer http, long dueNanos) throws IOException {
        http.post("/tasks", "{\"key\":\"good-" + number + "-" + System.nanoTime() + "\"," + GoodPair.TASK + "}");
        int status = http.readAnswer();
        service.http(dueNanos, System.nanoTime());
        if (status == BUSY) {
            service.refuse();
        } else if (status != NEW) {
            service.fail("a good HTTP client got " + status);
        }
    }
}
