package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every deadline of the core, in one binary heap. Equal deadlines fire in the order in which they were set, so that a
 * run is the same each time. A timer that is cancelled leaves the heap at once: a lease that was answered in a
 * millisecond does not linger until it would have expired.
 */
final class Timers {
    /** No deadline at all. */
    static final long NEVER = Long.MAX_VALUE;

    private final List<Timer> heap = new ArrayList<>();
    private long sequence;

    /** One deadline. Held by what set it, to cancel it. */
    static final class Timer {
        private final long dueMs;
        private final long sequence;
        private final Runnable action;
        private int position;

        private Timer(long dueMs, long sequence, Runnable action) {
            this.dueMs = dueMs;
            this.sequence = sequence;
            this.action = action;
        }

        long dueMs() {
            return dueMs;
        }

        private boolean before(Timer other) {
            return dueMs != other.dueMs ? dueMs < other.dueMs : sequence < other.sequence;
        }
    }

    Timer schedule(long dueMs, Runnable action) {
        Timer timer = new Timer(dueMs, sequence++, action);
        timer.position = heap.size();
        heap.add(timer);
        siftUp(timer);
        return timer;
    }

    /** Does nothing for a timer that fired, that was cancelled, or that never was. */
    void cancel(@Nullable Timer timer) {
        if (timer == null || timer.position < 0) {
            return;
        }
        int position = timer.position;
        timer.position = -1;
        Timer last = heap.remove(heap.size() - 1);
        if (last != timer) {
            put(last, position);
            siftUp(last);
            siftDown(last);
        }
    }

    /** Runs what is due. What the actions set anew and is due too runs in the same call. */
    void fire(long nowMs) {
        while (!heap.isEmpty() && heap.get(0).dueMs <= nowMs) {
            Timer due = heap.get(0);
            cancel(due);
            due.action.run();
        }
    }

    long nextDeadlineMs() {
        return heap.isEmpty() ? NEVER : heap.get(0).dueMs;
    }

    int size() {
        return heap.size();
    }

    private void siftUp(Timer timer) {
        while (timer.position > 0) {
            Timer parent = heap.get((timer.position - 1) / 2);
            if (!timer.before(parent)) {
                return;
            }
            swap(timer, parent);
        }
    }

    private void siftDown(Timer timer) {
        while (true) {
            int left = 2 * timer.position + 1;
            if (left >= heap.size()) {
                return;
            }
            Timer child = heap.get(left);
            if (left + 1 < heap.size() && heap.get(left + 1).before(child)) {
                child = heap.get(left + 1);
            }
            if (!child.before(timer)) {
                return;
            }
            swap(timer, child);
        }
    }

    private void swap(Timer one, Timer other) {
        int position = one.position;
        put(one, other.position);
        put(other, position);
    }

    private void put(Timer timer, int position) {
        heap.set(position, timer);
        timer.position = position;
    }
}
