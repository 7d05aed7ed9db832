package io.divvy.net;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * What the loop does at a time. There is no cancelling: an action looks by itself whether there is still something to do,
 * and its owner keeps the number of its actions small.
 */
final class Deadlines {
    static final long NEVER = Long.MAX_VALUE;

    private record Deadline(long dueMs, long sequence, Runnable action) {}

    private final PriorityQueue<Deadline> queue =
            new PriorityQueue<>(Comparator.comparingLong(Deadline::dueMs).thenComparingLong(Deadline::sequence));
    private long sequence;

    void schedule(long dueMs, Runnable action) {
        queue.add(new Deadline(dueMs, sequence++, action));
    }

    void fire(long nowMs) {
        while (!queue.isEmpty() && queue.peek().dueMs <= nowMs) {
            queue.remove().action.run();
        }
    }

    long nextDeadlineMs() {
        return queue.isEmpty() ? NEVER : queue.peek().dueMs;
    }
}
