package io.divvy.net;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks for work for a moment before its thread goes to sleep, as long as work usually comes within that moment.
 *
 * <p>To fall asleep and to be woken takes a thread tens of microseconds, and costs who wakes it some too: more than most of
 * what it is woken for. A thread that has little to do sleeps at once, so that being idle costs nothing.
 */
final class Spin {
    /** Of the average wait, one part is the last wait and the others are those before. */
    private static final int AVERAGED = 4;

    private final long mostNanos;
    private final LongSupplier nanoTime;
    private long averageNanos;

    /** Looks for work; it must not block. */
    @FunctionalInterface
    interface Look {
        boolean findsWork() throws IOException;
    }

    /** @param mostMicros to look for work; 0 for never */
    Spin(long mostMicros, LongSupplier nanoTime) {
        this.mostNanos = TimeUnit.MICROSECONDS.toNanos(mostMicros);
        this.nanoTime = nanoTime;
        this.averageNanos = longestCountedNanos();
    }

    /** Returns whether it found work. If not, the caller sleeps. */
    @SuppressWarnings("ThreadPriorityCheck") // With few processors the one that brings the work may wait for this one.
    boolean findsWork(Look look) throws IOException {
        if (averageNanos >= mostNanos) {
            return false;
        }
        long startNanos = nanoTime.getAsLong();
        do {
            if (look.findsWork()) {
                return true;
            }
            Thread.yield();
        } while (nanoTime.getAsLong() - startNanos < mostNanos);
        return false;
    }

    /** So long it took until there was work, whether the thread slept or not. */
    void waited(long nanos) {
        averageNanos += (Math.min(nanos, longestCountedNanos()) - averageNanos) / AVERAGED;
    }

    /** One long wait among short ones does not weigh more than a few of them. */
    private long longestCountedNanos() {
        return AVERAGED * mostNanos;
    }
}
