package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import org.jspecify.annotations.Nullable;

/** A contiguous index range of one chunk, handed to one worker. It is open until nothing of it is unanswered. */
final class Lease {
    final long number;
    final WorkerView worker;
    final TaskState task;
    final Chunk chunk;
    final long from;
    /** Shrinks when not all of the payloads fit into one message. */
    long to;
    /** Not yet answered by this worker; may be done all the same, by another one. */
    final IndexRanges unanswered;

    /** Of one subtask that would be poison if this worker dies too. It gets nothing else until it has answered. */
    final boolean isTrial;
    /** Whether the worker knows of it; before, its payloads are being made. */
    boolean isAssigned;
    /** What the worker said that it will start next. */
    private long nextIndex;

    @Nullable
    Timer expiry;

    Lease(long number, WorkerView worker, TaskState task, Chunk chunk, Range range, boolean isTrial) {
        this.number = number;
        this.worker = worker;
        this.task = task;
        this.chunk = chunk;
        this.from = range.from();
        this.to = range.to();
        this.nextIndex = range.from();
        this.unanswered = IndexRanges.of(range.from(), range.to());
        this.isTrial = isTrial;
    }

    boolean covers(long from, long to) {
        return this.from <= from && from < to && to <= this.to;
    }

    /** Returns whether the worker got any further. What it claims beyond the end of the lease is no progress. */
    boolean advanceTo(long index) {
        long reached = Math.min(index, to);
        if (!isAssigned || reached <= nextIndex) {
            return false;
        }
        nextIndex = reached;
        return true;
    }

    /** Whether an answer for {@code [from, to)} would leave something unanswered on both sides of it. */
    boolean wouldSplit(long from, long to) {
        return from > this.from && unanswered.contains(from - 1) && unanswered.contains(to);
    }

    /** Takes it off the books of its worker and its task. */
    void close(Timers timers) {
        timers.cancel(expiry);
        worker.removeLease(this);
        task.removeLease(this);
    }

    /** Closes it before all of it was answered. */
    void abandon(Timers timers) {
        close(timers);
        worker.freeCredit(unanswered.size());
    }

    /** Closes it before all of it was answered. Its worker remembers it, so that a late answer is known as such. */
    void endUnanswered(Timers timers, int endedLeasesToRemember) {
        abandon(timers);
        worker.remember(this, endedLeasesToRemember);
    }
}
