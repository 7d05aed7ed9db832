package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Cut;
import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.Ledger;
import io.divvy.state.Range;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where each index of one task is. Indexes from {@code nextFresh} on were never leased; below it, those of closed chunks are
 * finished, and the open chunks say the rest. Every method that moves indexes keeps the ledger adding up.
 */
final class TaskIndexes {
    private final SubtaskHistories histories;
    private final OpenChunks chunks;
    private final long total;
    /** Results from here on are not needed; {@code total} unless the task can end early. */
    private long limit;

    private long nextFresh;
    private long leased;
    private long done;
    private long failed;
    private long cancelled;

    private final TaskRoom.Account failedBytes;
    /** Null while nothing has failed. */
    private @Nullable IndexRanges failedRanges;
    /** The first thing that was found not to add up, or null. */
    private @Nullable String flaw;

    /**
     * @param known hears of what is known of single subtasks
     * @param failedBytes what ranges of failed subtasks take
     */
    TaskIndexes(long total, SubtaskHistories histories, SubtaskBytes known, TaskRoom.Account failedBytes) {
        this.histories = histories;
        this.chunks = new OpenChunks(known);
        this.failedBytes = failedBytes;
        this.total = total;
        this.limit = total;
        chunks.divide(total);
    }

    long total() {
        return total;
    }

    long pending() {
        return total - leased - done - failed - cancelled;
    }

    /** How many wait for a retry. */
    long waiting() {
        return histories.waiting();
    }

    long done() {
        return done;
    }

    /** How many indexes are in the hands of workers, or of a lease whose payloads are being made. */
    long leased() {
        return leased;
    }

    /** Indexes from here on were never leased. */
    long nextFresh() {
        return nextFresh;
    }

    /** How many were given back, and are to be leased again. */
    long returned() {
        return chunks.returned();
    }

    Ledger ledger() {
        Ledger.Draft ledger = new Ledger.Draft(total);
        ledger.pending = pending();
        ledger.leased = leased;
        ledger.done = done;
        ledger.failed = failed;
        ledger.cancelled = cancelled;
        return ledger.finish();
    }

    /** What does not add up, or null. It costs a few sums, so it is looked at whenever something moved. */
    @Nullable
    String flaw() {
        long notLeased = total
                - nextFresh
                + chunks.returned()
                + histories.waiting()
                + histories.suspectsOnTrial().size();
        if (flaw == null && (leased < 0 || pending() != notLeased)) {
            note(ledger() + ", but " + notLeased + " of its subtasks are pending");
        }
        return flaw;
    }

    /** Something does not add up where subtasks of the task are moved. */
    void note(String what) {
        if (flaw == null) {
            flaw = "what the server knows of the task does not add up, which is a fault of the server that should be"
                    + " reported: " + what;
        }
    }

    private void requireAll(long moved, long from, long to, String what) {
        if (moved != to - from) {
            note("of " + new Range(from, to) + " only " + moved + " " + what);
        }
    }

    /** Whether nothing that is needed is open. */
    boolean isComplete() {
        if (limit == total) {
            return done + failed == total;
        }
        Chunk lowest = chunks.lowest();
        return nextFresh >= limit && (lowest == null || lowest.gapsBelow(limit).isEmpty());
    }

    /** Results from the index on are not needed any more. Returns whether that is new. */
    boolean limitTo(long index) {
        if (index >= limit) {
            return false;
        }
        limit = index;
        return true;
    }

    /** Takes up the limit that a former server came to. */
    void restoreLimit(long saved) {
        limit = saved;
    }

    /** Whether the result of the index is needed. */
    boolean needs(long index) {
        return index < limit;
    }

    long limit() {
        return limit;
    }

    /** Whether something that is needed was never leased. */
    boolean hasFresh() {
        return nextFresh < limit;
    }

    /** Whether something was given back, needed or not. */
    boolean hasReturned() {
        return chunks.lowestWithReturned() != null;
    }

    /** Whether something that is needed was given back. */
    boolean hasReturnedToLease() {
        return lowestReturned() != null;
    }

    /** The chunk of the lowest index that was given back and is needed, or null. */
    private @Nullable Chunk lowestReturned() {
        Chunk lowest = chunks.lowestWithReturned();
        return lowest == null || lowest.returned.firstIndex() >= limit ? null : lowest;
    }

    /** The index that the next lease begins with, of a task that is leasable. */
    long nextIndex() {
        Chunk lowest = lowestReturned();
        return lowest == null ? nextFresh : lowest.returned.firstIndex();
    }

    /** Separate closed parts of the chunk that was opened last. */
    int gapsInNewestChunk() {
        Chunk newest = chunks.highest();
        return newest == null ? 0 : newest.closed.rangeCount();
    }

    /** What single subtasks take, counted anew. For checking invariants. */
    long countKnownBytes() {
        long ranges = 0;
        for (Chunk chunk : chunks.all()) {
            ranges += chunk.leased.rangeCount() + chunk.returned.rangeCount() + chunk.closed.rangeCount();
        }
        return SubtaskBytes.of(histories.count(), ranges, chunks.all().size());
    }

    /** Takes the lowest work there is, at most {@code mostSubtasks}, within one chunk: what was given back first. */
    Cut cut(long mostSubtasks) {
        Chunk lowest = lowestReturned();
        Cut cut = lowest != null ? cutReturned(lowest, mostSubtasks) : cutFresh(mostSubtasks);
        lease(cut.chunk(), cut.range().from(), cut.range().to());
        return cut;
    }

    /** Takes one suspect that waits for its trial. */
    Cut cutSuspect(Chunk chunk, long index) {
        histories.endTrialWait(index);
        lease(chunk, index, index + 1);
        return new Cut(chunk, new Range(index, index + 1));
    }

    /** What nobody holds is somebody's now. */
    private void lease(Chunk chunk, long from, long to) {
        requireAll(chunk.leased.add(from, to), from, to, "could be leased, as nobody held them");
        leased += to - from;
    }

    private Cut cutReturned(Chunk chunk, long mostSubtasks) {
        Range lowest = chunk.returned.first();
        long from = lowest.from();
        long to = histories.endBySuspects(from, Math.min(Math.min(lowest.to(), limit), from + mostSubtasks));
        chunks.removeReturned(chunk, from, to);
        return new Cut(chunk, new Range(from, to));
    }

    private Cut cutFresh(long mostSubtasks) {
        Chunk chunk = chunks.open(nextFresh);
        Range range = new Range(nextFresh, Math.min(Math.min(chunk.to, limit), nextFresh + mostSubtasks));
        nextFresh = range.to();
        return new Cut(chunk, range);
    }

    /**
     * Up to where results are taken that nobody was leased, once the task is not held off any more: whoever comes with more
     * may only make up that it has done it, so few chunks are opened for it.
     */
    long reachable() {
        long room = Math.max(0, Limits.CHUNKS_OPENED_BY_OFFERS - chunks.all().size());
        long reachable = chunks.of(nextFresh) == null ? nextFresh : chunks.endOf(nextFresh);
        return Math.min(total, reachable + room * Limits.chunkSize(total));
    }

    /** Takes fresh indexes below {@code to} for given back, so that results can come for what was never leased. */
    void reach(long to) {
        while (nextFresh < to) {
            Chunk chunk = chunks.open(nextFresh);
            long end = Math.min(chunk.to, to);
            chunks.addReturned(chunk, nextFresh, end);
            nextFresh = end;
        }
    }

    long chunkEnd(long index) {
        return chunks.endOf(index);
    }

    /** The open chunk of an index, or null if all of it is closed. */
    @Nullable
    Chunk openChunkOf(long index) {
        return chunks.of(index);
    }

    /** The chunk of that number; opens it if nothing of it was leased before. */
    Chunk openChunk(int number) {
        return chunks.open(number);
    }

    /** The chunks of which something is open: what its state grows with. */
    Collection<Chunk> openChunks() {
        return chunks.all();
    }

    /** Whether something of the chunk was given back. */
    boolean hasReturned(Chunk chunk) {
        return chunks.hasReturned(chunk);
    }

    /** Gives back what of {@code [from, to)} is leased, unless another open lease holds it as well. */
    void giveBack(Chunk chunk, long from, long to, long nowMs) {
        for (Range range : chunk.leased.within(from, to)) {
            for (Range free : chunk.heldByNobody(range)) {
                chunk.leased.remove(free.from(), free.to());
                leased -= free.size();
                chunks.addReturned(chunk, free.from(), free.to());
                for (long suspect : histories.needTrial(free.from(), free.to())) {
                    putOnTrial(chunk, suspect, nowMs);
                }
            }
        }
    }

    /** What was given back is a suspect: from now on it waits for a worker that runs nothing else. */
    void putOnTrial(Chunk chunk, long index, long nowMs) {
        chunks.removeReturned(chunk, index, index + 1);
        histories.awaitTrial(index, nowMs);
    }

    /** It need not wait for such a worker any more. */
    void takeOffTrial(Chunk chunk, long index) {
        histories.endTrialWait(index);
        chunks.addReturned(chunk, index, index + 1);
    }

    /** Whether it is open and in nobody's hands, and does not wait for a retry. */
    boolean isGivenBack(Chunk chunk, long index) {
        return chunk.returned.contains(index) || histories.awaitsTrial(index);
    }

    /** Closes {@code [from, to)}, which must be open, wherever its indexes were. */
    void close(Chunk chunk, long from, long to, boolean succeeded) {
        leased -= chunk.leased.remove(from, to);
        chunks.removeReturned(chunk, from, to);
        requireAll(chunk.closed.add(from, to), from, to, "could count, as they had not counted before");
        if (succeeded) {
            done += to - from;
        } else {
            failed += to - from;
            chunk.failed.add(from, to);
            addFailedRange(from, to);
        }
        if (chunk.isComplete()) {
            chunks.remove(chunk);
        }
    }

    private void addFailedRange(long from, long to) {
        if (failedRanges == null) {
            failedRanges = new IndexRanges();
        }
        failedRanges.add(from, to);
        failedBytes.set(failedRanges.rangeCount() * SubtaskBytes.FAILED_RANGE);
    }

    /** Those of subtasks that are out of attempts, ascending. */
    List<Range> failedRanges() {
        return failedRanges == null ? List.of() : failedRanges.toList();
    }

    /** How many there are. */
    int failedRangeCount() {
        return failedRanges == null ? 0 : failedRanges.rangeCount();
    }

    /** Takes one open index out of the game until {@link #endBackoff}. */
    void startBackoff(Chunk chunk, long index, SubtaskHistory history, Timer timer) {
        leased -= chunk.leased.remove(index, index + 1);
        chunks.removeReturned(chunk, index, index + 1);
        histories.endTrialWait(index);
        histories.startBackoff(history, timer);
    }

    void endBackoff(Chunk chunk, long index, SubtaskHistory history, long nowMs) {
        histories.endBackoff(history);
        chunks.addReturned(chunk, index, index + 1);
        if (histories.needsTrial(index)) {
            putOnTrial(chunk, index, nowMs);
        }
    }

    /**
     * The task ends: what is open is cancelled.
     *
     * @param culprit the open subtask that fails the task, or null
     */
    void end(@Nullable Long culprit) {
        if (culprit != null) {
            failed++; // It is open: what is closed cannot fail a task.
            addFailedRange(culprit, culprit + 1);
        }
        cancelled = total - done - failed;
        leased = 0;
        chunks.clear();
        failedBytes.set(0);
    }
}
