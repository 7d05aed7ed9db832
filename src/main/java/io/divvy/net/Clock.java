package io.divvy.net;

import java.util.concurrent.TimeUnit;

/** Milliseconds since the epoch that never run backwards. Tests turn one by hand. */
@FunctionalInterface
public interface Clock {
    long nowMs();

    /**
     * What the loop measures its own turns by, to notice that it was away. The same milliseconds, but for a clock that a
     * test turns: to turn it is not to be away.
     */
    default long elapsedMs() {
        return nowMs();
    }

    /** The machine's time when this is called, then carried on by its monotonic clock. */
    static Clock system() {
        long startMs = System.currentTimeMillis();
        long startNanos = System.nanoTime();
        return () -> startMs + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }
}
