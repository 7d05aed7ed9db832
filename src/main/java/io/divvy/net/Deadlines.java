package io.divvy.net;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the loop does at a time; equal times in the order in which they were scheduled. */
final class Deadlines {
    static final long NEVER = Long.MAX_VALUE;

    /** Held by who scheduled it, to cancel it. */
    record Deadline(long dueMs, long sequence, Runnable action) {}

    private final TreeSet<Deadline> queue =
            new TreeSet<>(Comparator.comparingLong(Deadline::dueMs).thenComparingLong(Deadline::sequence));
    private long sequence;

    Deadline schedule(long dueMs, Runnable action) {
        Deadline deadline = new Deadline(dueMs, sequence++, action);
        queue.add(deadline);
        return deadline;
    }

    /** Forgets it at once, with all that it holds. Does nothing for null, and for one that ran. */
    void cancel(@Nullable Deadline deadline) {
        if (deadline != null) {
            queue.remove(deadline);
        }
    }

    void fire(long nowMs) {
        while (!queue.isEmpty() && queue.first().dueMs <= nowMs) {
            queue.pollFirst().action.run();
        }
    }

    long nextDeadlineMs() {
        return queue.isEmpty() ? NEVER : queue.first().dueMs;
    }

    int size() {
        return queue.size();
    }
}
