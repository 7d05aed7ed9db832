package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Ledger;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import io.divvy.state.TaskSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One task: where each of its indexes is. Indexes from {@code nextFresh} on were never leased; below it, those of closed
 * chunks are finished, and the open chunks say the rest. Every method that moves indexes keeps the ledger adding up.
 */
final class TaskState {
    final TaskSpec spec;
    /** What it takes in memory while it is open. */
    final long sizeBytes;
    /** The order of submission. */
    final long sequence;

    final long submittedMs;
    /** Open leases by number. */
    final Map<Long, Lease> leases = new LinkedHashMap<>();
    /** Workers to which the task was described. */
    final Set<WorkerView> knownBy = new LinkedHashSet<>();
    /** Submissions that wait to hear whether it was accepted. */
    final List<Long> waitingRequests = new ArrayList<>(1);

    Phase phase = Phase.ACTIVE;
    /** The commit that makes it durable that the task exists. */
    long creationCommit;
    /** The lease whose payloads are being made, or 0: one at a time. */
    long preparingLease;
    /** Worker time that it got, in milliseconds; among equals the one with the least is served first. */
    double serviceMs;

    /** Whether it has a share of the service yet: set when it first becomes ready. */
    boolean isServed;

    boolean inReadyTasks;
    /** Since when it was not served while it was ready. */
    long waitingSinceMs;
    /** Whether it waited for so long that it goes before all others, whatever its priority. */
    boolean isAged;
    /** Since when there was always something of it to be leased; {@link Timers#NEVER} while there is nothing. */
    long readySinceMs = Timers.NEVER;
    /** Whether it is among the tasks of which a suspect waits for its trial. */
    boolean inTrials;

    boolean watched;
    /** Whether it is durable that it exists. */
    boolean isAccepted;
    /** Whether the store gave it up before that: nothing of it is durable, whatever is committed. */
    boolean isGivenUp;

    long lastReportMs = Long.MIN_VALUE / 2;

    @Nullable
    Timer reportTimer;

    /** When it is next looked at who could help with its last leases. */
    @Nullable
    Timer tailTimer;

    /** How long to wait until then; grows while there is nothing to do. */
    long tailCheckMs;

    @Nullable
    Timer timeout;

    long retries;
    long duplicates;
    /** Why the last subtask was given up, in a task that goes on without it. */
    String lastFailure = "";

    /** Results that wait for lower ones. */
    final TaskRoom.Account early;

    /** What single subtasks take in memory. */
    final SubtaskBytes known;

    /** What of it is done and was not handed to the store yet. */
    final Unsaved unsaved = new Unsaved();
    /** What went wrong with its open subtasks. */
    final SubtaskHistories histories;

    /** Set while it waits, after a restart, for workers that come back with results. */
    @Nullable
    Timer holdOffTimer;

    private final TaskRoom.Account failedBytes;
    /** Null while nothing has failed. */
    private @Nullable IndexRanges failedRanges;

    private final OpenChunks chunks;

    private final long total;
    /** Results from here on are not needed; {@code total} unless the task can end early. */
    private long limit;

    private long nextFresh;
    private long leased;
    private long done;
    private long failed;
    private long cancelled;

    @Nullable
    private Long startedMs;

    @Nullable
    private Long finishedMs;

    private State terminalState = State.CANCELLED;

    @Nullable
    private TaskFailure failure;

    @Nullable
    private TaskSnapshot beforeEnd;

    enum Phase {
        ACTIVE,
        /** All subtasks are done; the answer is being made. */
        FINISHING,
        /** Its end is on the way to the store. */
        ENDED
    }

    /** Work for one lease. */
    record Cut(Chunk chunk, Range range) {}

    TaskState(TaskSpec spec, TaskSize size, long sequence, long submittedMs, TaskRooms rooms) {
        this.spec = spec;
        this.early = rooms.early.open(this);
        this.known = new SubtaskBytes(rooms.subtasks.open(this));
        this.histories = new SubtaskHistories(known);
        this.chunks = new OpenChunks(known);
        this.failedBytes = rooms.failedRanges.open(this);
        this.sizeBytes = size.bytes();
        this.sequence = sequence;
        this.submittedMs = submittedMs;
        this.total = size.subtasks();
        this.limit = total;
        chunks.divide(total);
    }

    /** Takes up what {@link #progress} gave a former server; that of its chunks comes next. */
    void restore(TaskProgress progress) {
        startedMs = progress.startedMs();
        retries = progress.retries();
        duplicates = progress.duplicates();
        limit = progress.limit();
        lastFailure = progress.lastFailure();
    }

    /** What of the chunk the store has to have, which it will have from now on. */
    ChunkProgress save(Chunk chunk) {
        return chunk.save(spec.foldOrder(), spec.keepsResults(), histories.save(chunk.from, chunk.to));
    }

    TaskProgress progress() {
        return new TaskProgress(startedMs, retries, duplicates, limit, lastFailure);
    }

    /** By this ready tasks are served: its priority, unless it waited for too long. */
    int rank() {
        return isAged ? Integer.MAX_VALUE : spec.priority();
    }

    /** Whether all that workers answered of it is durable, and it goes on: those that hold nothing of it may forget it. */
    boolean owesNothingToItsWorkers() {
        return phase == Phase.ACTIVE && isAccepted && unsaved.chunks.isEmpty() && !unsaved.isBeingSaved;
    }

    boolean isActive() {
        return phase == Phase.ACTIVE;
    }

    long total() {
        return total;
    }

    long pending() {
        return total - leased - done - failed - cancelled;
    }

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
        return new Ledger(total, pending(), leased, done, failed, cancelled);
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

    /** Whether the result of the index is needed. */
    boolean needs(long index) {
        return index < limit;
    }

    long limit() {
        return limit;
    }

    /** Whether all that is needed is leased, so that workers with nothing to do can only help those that hold it. */
    boolean isInTail() {
        return phase == Phase.ACTIVE
                && preparingLease == 0
                && !leases.isEmpty()
                && nextFresh >= limit
                && !mayLeaseReturned();
    }

    private boolean mayLeaseReturned() {
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

    /** What single subtasks take, counted anew. For checking invariants. */
    long countKnownBytes() {
        long ranges = 0;
        for (Chunk chunk : chunks.all()) {
            ranges += chunk.leased.rangeCount() + chunk.returned.rangeCount() + chunk.closed.rangeCount();
        }
        return SubtaskBytes.of(histories.count(), ranges, chunks.all().size());
    }

    /** Whether a lease can be cut now. */
    boolean isLeasable(Limits limits) {
        return phase == Phase.ACTIVE
                && preparingLease == 0
                && holdOffTimer == null
                && !unsaved.isHeldBack
                && (mayLeaseReturned() || nextFresh < limit && mayLeaseFresh(limits));
    }

    /** Whether a suspect can be leased now to a worker that runs nothing else. */
    boolean mayTry() {
        NavigableSet<Long> suspects = histories.suspectsOnTrial();
        return !suspects.isEmpty()
                && phase == Phase.ACTIVE
                && preparingLease == 0
                && holdOffTimer == null
                && suspects.first() < limit;
    }

    /** Fresh work waits while too much hangs in the air below it. */
    private boolean mayLeaseFresh(Limits limits) {
        long waiting = waiting() + histories.suspectsOnTrial().size();
        if (early.isHeldBack() || known.holdsBack() || waiting >= limits.waitingRetries()) {
            return false;
        }
        Chunk newest = chunks.highest();
        return newest == null || newest.closed.rangeCount() < limits.gapsPerChunk();
    }

    /** The bound at which it is, so that nothing fresh is leased though there is some; or null. */
    @Nullable
    Explanation heldBack(Limits limits) {
        if (chunks.lowestWithReturned() != null || nextFresh == total || mayLeaseFresh(limits)) {
            return null;
        }
        if (early.isHeldBack()) {
            return new Explanation.HeldBack(Explanation.Bound.BUFFERED_RESULT_BYTES, limits.bufferedResultBytes());
        }
        if (known.holdsBack()) {
            return new Explanation.HeldBack(Explanation.Bound.SUBTASK_BYTES, limits.subtaskBytes());
        }
        return waiting() + histories.suspectsOnTrial().size() >= limits.waitingRetries()
                ? new Explanation.HeldBack(Explanation.Bound.WAITING_RETRIES, limits.waitingRetries())
                : new Explanation.HeldBack(Explanation.Bound.GAPS_PER_CHUNK, limits.gapsPerChunk());
    }

    TaskPosition position() {
        return new TaskPosition(submittedMs, spec.id());
    }

    /**
     * Takes the lowest work there is, at most {@code mostSubtasks}, within one chunk: what was given back first, then
     * fresh work. The task must be leasable.
     */
    Cut cut(long mostSubtasks, long nowMs) {
        if (startedMs == null) {
            startedMs = nowMs;
        }
        Chunk lowest = lowestReturned();
        Cut cut = lowest != null ? cutReturned(lowest, mostSubtasks) : cutFresh(mostSubtasks);
        cut.chunk.leased.add(cut.range.from(), cut.range.to());
        leased += cut.range.size();
        return cut;
    }

    /** Takes one suspect that waits for its trial. */
    Cut cutSuspect(Chunk chunk, long index, long nowMs) {
        if (startedMs == null) {
            startedMs = nowMs;
        }
        histories.endTrialWait(index);
        chunk.leased.add(index, index + 1);
        leased++;
        return new Cut(chunk, new Range(index, index + 1));
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
     * Up to where results are taken that nobody was leased. A former server leased them; workers bring what it did not save
     * while the task is held off after a restart. After that most of it is leased anew, and whoever comes with more may only make
     * up that it has done it: then few chunks are opened for it.
     */
    long reachable() {
        if (holdOffTimer != null) {
            return total;
        }
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

    void addLease(Lease lease) {
        leases.put(lease.number, lease);
        lease.chunk.leases.add(lease);
    }

    void removeLease(Lease lease) {
        leases.remove(lease.number);
        lease.chunk.leases.remove(lease);
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
        chunk.closed.add(from, to);
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
        retries++;
    }

    void endBackoff(Chunk chunk, long index, SubtaskHistory history, long nowMs) {
        histories.endBackoff(history);
        chunks.addReturned(chunk, index, index + 1);
        if (histories.needsTrial(index)) {
            putOnTrial(chunk, index, nowMs);
        }
    }

    /** Ends the task and lets go of all that served to run it. Returns the timers to cancel. */
    List<@Nullable Timer> end(State state, @Nullable TaskFailure why, long nowMs) {
        beforeEnd = snapshot();
        List<@Nullable Timer> timers = new ArrayList<>(histories.drop(0, Long.MAX_VALUE));
        timers.add(timeout);
        timers.add(holdOffTimer);
        timeout = null;
        holdOffTimer = null;
        phase = Phase.ENDED;
        terminalState = state;
        failure = why;
        finishedMs = nowMs;
        if (why != null && why.subtask() != null) {
            failed++; // It is open: what is closed cannot fail a task.
            addFailedRange(why.subtask(), why.subtask() + 1);
        }
        cancelled = total - done - failed;
        leased = 0;
        leases.clear();
        chunks.clear();
        early.set(0);
        failedBytes.set(0);
        known.end();
        return timers;
    }

    TaskSnapshot snapshot() {
        return new TaskSnapshot(
                spec,
                state(),
                ledger(),
                retries,
                duplicates,
                submittedMs,
                startedMs,
                finishedMs,
                failedRanges(),
                failure);
    }

    /** What may be told to anybody: until its end is durable, the task as it was before. */
    TaskSnapshot visibleSnapshot() {
        return beforeEnd == null ? snapshot() : beforeEnd;
    }

    private State state() {
        if (phase == Phase.ENDED) {
            return terminalState;
        }
        return startedMs == null ? State.QUEUED : State.RUNNING;
    }
}
