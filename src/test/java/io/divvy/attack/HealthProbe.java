package io.divvy.attack;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Asks for {@code /health} and {@code /ready} in turn, on a new connection each time, as a supervisor does. */
final class HealthProbe implements AutoCloseable {
    static final Duration BOUND = Duration.ofSeconds(1);

    private static final Duration EVERY = Duration.ofMillis(200);
    /** Longer than the bound, so that a figure says how late an answer was. */
    private static final int PATIENCE_MS = 5_000;

    private final Target server;
    private final Thread thread = new Thread(this::probe, "health-probe");
    private volatile boolean stopping;
    private volatile long worstMs;
    private volatile String failure = "";

    HealthProbe(Target server) {
        this.server = server;
        thread.setDaemon(true);
        thread.start();
    }

    private void probe() {
        for (int number = 0; !stopping; number++) {
            String path = number % 2 == 0 ? "/health" : "/ready";
            long startNanos = System.nanoTime();
            try (HttpPeer http = new HttpPeer(server.http(), PATIENCE_MS)) {
                http.get(path); // A "no" is an answer too.
            } catch (SocketTimeoutException e) {
                failure = path + " gave no answer within " + PATIENCE_MS + " ms";
            } catch (IOException e) {
                failure = path + ": " + e;
            }
            worstMs = Math.max(worstMs, (System.nanoTime() - startNanos) / 1_000_000);
            LockSupport.parkNanos(EVERY.toNanos());
        }
    }

    /** The longest that an answer took. */
    long worstMs() {
        return worstMs;
    }

    /** The last answer that did not come; empty if all came. */
    String failure() {
        return failure;
    }

    /** Ends once the answer that it waits for has come or is given up. */
    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
