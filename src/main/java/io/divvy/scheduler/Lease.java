package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.Range;
import java.util.List;
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
    /** When it was granted. */
    final long grantedMs;
    /** Not yet answered by this worker; may be done all the same, by another one. */
    final IndexRanges unanswered;

    /** Of one suspect, alone with its worker: that holds nothing else until it has answered. */
    final boolean isTrial;
    /** Whether the worker knows of it; before, its payloads are being made. */
    boolean isAssigned;
    /** Of subtasks that another worker runs as well: a copy. */
    boolean isSpeculative;
    /** Whether its worker was asked to stop it, or will not get it at all. */
    boolean isCancelled;
    /** When it was sent, by the time that peers had. */
    long assignedPeerMs;
    /** Where the worker was last asked to give it back from. */
    private long revokedFrom = Long.MAX_VALUE;
    /**
     * From here on the worker was asked to give it back and did not: it may answer that, and uses credit for it, but others
     * get it as well, as if it did not hold it.
     */
    long sharedFrom = Long.MAX_VALUE;
    /** What the worker said that it will start next. */
    private long nextIndex;

    /** How its worker gets on with its task. */
    final Pace pace;

    @Nullable
    Timer expiry;

    Lease(long number, Grant grant, long grantedMs) {
        Range range = grant.cut().range();
        this.number = number;
        this.worker = grant.worker();
        this.task = grant.task();
        this.chunk = grant.cut().chunk();
        this.from = range.from();
        this.to = range.to();
        this.nextIndex = range.from();
        this.unanswered = new IndexRanges(worker.rangesOfLeases);
        this.pace = worker.known.paceIn(task);
        this.isTrial = grant.kind() == Grant.Kind.TRIAL;
        this.isSpeculative = grant.kind() == Grant.Kind.COPY;
        this.grantedMs = grantedMs;
        unanswered.add(from, to);
    }

    /** Each lease is equal to itself only, and its number is its own: the hash code of an object costs far more to make up. */
    @Override
    public int hashCode() {
        return Long.hashCode(number);
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

    /** How much of it its worker cannot have started, with so many subtasks to do before it. */
    long unstartedBehind(long before) {
        return Math.max(0, unanswered.size() - Math.max(0, worker.slots - before));
    }

    /** Whether its worker can be asked to give something of it back. */
    boolean isRevocable() {
        return isAssigned && !isCancelled && !worker.plain && !worker.revokes.isAsked(number);
    }

    /** Asks the worker not to start what lies from an index on, if that can be asked. */
    void revoke(long revokedFrom, Outbox outbox) {
        if (isRevocable()) {
            worker.revokes.ask(number, outbox.peerMs());
            this.revokedFrom = revokedFrom;
            outbox.emit(new Effect.Revoke(worker.id, number, revokedFrom));
        }
    }

    /**
     * Lets others take what the worker has not started: it was asked for something of that, and released nothing. Returns
     * whether that is more than before.
     */
    boolean share() {
        long unstarted = worker.unstarted(this);
        long from = unstarted > 0 ? Math.min(revokedFrom, fromLast(unstarted)) : revokedFrom;
        if (from >= sharedFrom || from >= to) {
            return false;
        }
        sharedFrom = from;
        return true;
    }

    /** Whether its worker was asked to give something of it back that nobody else gets as long as it does not. For tests. */
    boolean isAwaited() {
        return worker.revokes.isAsked(number) && sharedFrom == Long.MAX_VALUE && revokedFrom < to;
    }

    /** The unanswered parts of a range that nobody else gets because of this lease. */
    List<Range> heldWithin(long from, long to) {
        return from < sharedFrom ? unanswered.within(from, Math.min(to, sharedFrom)) : List.of();
    }

    /** Whether it holds an index that nobody else gets because of that. */
    boolean holds(long index) {
        return index < sharedFrom && unanswered.contains(index);
    }

    /** Whether it holds one of these. */
    boolean holdsAnyOf(IndexRanges indexes) {
        for (Range range : indexes.toList()) {
            if (!unanswered.within(range.from(), range.to()).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** So many of it are no longer in its worker's hands. */
    void freeCredit(long subtasks) {
        worker.freeCredit(subtasks);
        pace.free(subtasks);
        if (worker.creditUsed() < 0) {
            task.indexes.note(worker.name + " answered more than it held");
        }
    }

    /** Asks the worker to stop it. One that does not know how to finishes it; one that does not have it yet never gets it. */
    void cancel(Outbox outbox) {
        isCancelled = true;
        if (isAssigned) {
            outbox.emit(new Effect.CancelLease(worker.id, number));
        }
    }

    /** The index from which on it holds the last {@code count} unanswered ones. */
    long fromLast(long count) {
        long left = count;
        List<Range> ranges = unanswered.toList();
        for (int i = ranges.size() - 1; i >= 0; i--) {
            Range range = ranges.get(i);
            if (range.size() >= left) {
                return range.to() - left;
            }
            left -= range.size();
        }
        return from;
    }

    /** The lowest part of a range that it holds and no other open lease does, or null. */
    @Nullable
    Range firstAlone(Range range) {
        IndexRanges alone = IndexRanges.of(range.from(), range.to());
        for (Lease other : chunk.leases) {
            if (other != this) {
                for (Range held : other.heldWithin(range.from(), range.to())) {
                    alone.remove(held.from(), held.to());
                }
            }
        }
        return alone.isEmpty() ? null : alone.first();
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
        freeCredit(unanswered.size());
    }

    /** Closes it before all of it was answered. Its worker remembers it, so that a late answer is known as such. */
    void endUnanswered(Timers timers, int endedLeasesToRemember) {
        abandon(timers);
        worker.remember(this, endedLeasesToRemember);
    }
}
