package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every deadline of the core. Equal deadlines fire in the order in which they were set, so that a run is the same each time.
 * A timer that is cancelled is gone at once: a lease that was answered in a millisecond does not linger until it would have
 * expired.
 *
 * <p>What peers owe has a time of its own, which stands still while this process does: {@link #lose} defers all of that at
 * once, however much it is.
 */
final class Timers {
    /** No deadline at all. */
    static final long NEVER = Long.MAX_VALUE;

    private final Heap own = new Heap();
    /** Of peers, by the clock without the time that was lost. */
    private final Heap peers = new Heap();

    private long lostMs;
    private long sequence;

    /** One deadline. Held by what set it, to cancel it. */
    static final class Timer {
        private final Heap heap;
        /** By the time of its heap. */
        private final long dueMs;

        private final long sequence;
        private final Runnable action;
        private int position;

        private Timer(Heap heap, long dueMs, long sequence, Runnable action) {
            this.heap = heap;
            this.dueMs = dueMs;
            this.sequence = sequence;
            this.action = action;
        }

        /** Of what is not owed by a peer. */
        long dueMs() {
            return dueMs;
        }

        private boolean before(Timer other) {
            return dueMs != other.dueMs ? dueMs < other.dueMs : sequence < other.sequence;
        }
    }

    Timer schedule(long dueMs, Runnable action) {
        return own.add(new Timer(own, dueMs, sequence++, action));
    }

    /** For what a peer owes: due then, or later by as much as is lost until then. */
    Timer scheduleForPeer(long dueMs, Runnable action) {
        return peers.add(new Timer(peers, dueMs - lostMs, sequence++, action));
    }

    /** Time passed in which this process heard nobody: what peers owe is due so much later. */
    void lose(long ms) {
        lostMs += ms;
    }

    /** Does nothing for a timer that fired, that was cancelled, or that never was. */
    void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.heap.remove(timer);
        }
    }

    /** Runs what is due. What the actions set anew and is due too runs in the same call. */
    void fire(long nowMs) {
        for (Timer due = next(); due != null && dueMs(due) <= nowMs; due = next()) {
            due.heap.remove(due);
            due.action.run();
        }
    }

    long nextDeadlineMs() {
        Timer next = next();
        return next == null ? NEVER : dueMs(next);
    }

    int size() {
        return own.size() + peers.size();
    }

    private @Nullable Timer next() {
        Timer ours = own.first();
        Timer theirs = peers.first();
        if (ours == null || theirs == null) {
            return ours == null ? theirs : ours;
        }
        long laterMs = dueMs(theirs) - dueMs(ours);
        return laterMs > 0 || laterMs == 0 && ours.sequence < theirs.sequence ? ours : theirs;
    }

    private long dueMs(Timer timer) {
        return timer.heap == peers ? timer.dueMs + lostMs : timer.dueMs;
    }

    /** A binary heap of deadlines of one time. */
    private static final class Heap {
        private final List<Timer> heap = new ArrayList<>();

        int size() {
            return heap.size();
        }

        @Nullable
        Timer first() {
            return heap.isEmpty() ? null : heap.get(0);
        }

        Timer add(Timer timer) {
            timer.position = heap.size();
            heap.add(timer);
            siftUp(timer);
            return timer;
        }

        void remove(Timer timer) {
            if (timer.position < 0) {
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
}
