package io.divvy.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How fast a count grows, over the last ten seconds. Not for more than one thread. */
final class Rate {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final double NANOS_PER_S = TimeUnit.SECONDS.toNanos(1);
    /** Below that, a decimal is shown. */
    private static final double SMALL = 10;

    private record Sample(long nanos, long count) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    void add(long nowNanos, long count) {
        samples.add(new Sample(nowNanos, count));
        // The one before the window stays: the window is all of it.
        while (samples.size() > 2 && nowNanos - samples.peekFirst().nanos > WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    /** Counted in a second; 0 while nothing is known. */
    double perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        return last.nanos == first.nanos
                ? 0
                : Math.max(0, last.count - first.count) * NANOS_PER_S / (last.nanos - first.nanos);
    }

    /** For instance {@code 1,234/s}. */
    String text() {
        double rate = perSecond();
        return String.format(Locale.ROOT, rate < SMALL ? "%.1f/s" : "%,.0f/s", rate);
    }
}
