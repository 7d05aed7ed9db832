package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.FailedAttempt;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskFailures;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import io.divvy.state.TaskSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One task: what it is, how far it is, and what each part of the core keeps of it, which only that part changes. */
final class TaskState {
    /** Another one after a change by {@link Patches}. */
    TaskSpec spec;
    /** What it takes in memory while it is open. Changed by {@link Admission}. */
    long sizeBytes;
    /** The order of submission. */
    final long sequence;

    final long submittedMs;
    /** Open leases by number. */
    final Map<Long, Lease> leases = new LinkedHashMap<>();
    /** Workers to which the task was described. */
    final Set<WorkerView> knownBy = new LinkedHashSet<>();

    /** Results that wait for lower ones. */
    final TaskRoom.Account early;

    /** What single subtasks take in memory. */
    final SubtaskBytes known;
    /** What went wrong with its open subtasks. */
    final SubtaskHistories histories;

    final TaskIndexes indexes;
    /** What of it is done and was not handed to the store yet. */
    final Unsaved unsaved = new Unsaved();

    final TaskLifecycle.Acceptance acceptance = new TaskLifecycle.Acceptance();
    final TaskDeadlines deadlines = new TaskDeadlines();
    final ProgressReports.Watch reports = new ProgressReports.Watch();
    final ReadyTasks.Place place = new ReadyTasks.Place();
    final Trials.Place trials = new Trials.Place();
    final Tail.Watch tail = new Tail.Watch();

    private final FailureRoom failureRoom;
    /** Null until an attempt fails. */
    private @Nullable FailureLog failures;

    private Phase phase = Phase.ACTIVE;
    /** The lease whose payloads are being made, or 0: one at a time. */
    private long preparingLease;

    private long retries;
    private long duplicates;
    /** Why the last subtask was given up, in a task that goes on without it. */
    private String lastFailure = "";

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
        this.indexes = new TaskIndexes(size.subtasks(), histories, known, rooms.failedRanges.open(this));
        this.failureRoom = rooms.failures;
        this.sizeBytes = size.bytes();
        this.sequence = sequence;
        this.submittedMs = submittedMs;
    }

    /** Takes up what {@link #progress} gave a former server; that of its chunks comes next. */
    void restore(TaskProgress progress) {
        startedMs = progress.startedMs();
        retries = progress.retries();
        duplicates = progress.duplicates();
        indexes.restoreLimit(progress.limit());
        lastFailure = progress.lastFailure();
    }

    /** What of the chunk the store has to have, which it will have from now on. */
    ChunkProgress save(Chunk chunk) {
        return chunk.save(
                spec.foldOrder(), spec.keepsResults(), histories.save(chunk.from, chunk.to, spec.maxAttempts() - 1));
    }

    TaskProgress progress() {
        return new TaskProgress(startedMs, retries, duplicates, indexes.limit(), lastFailure);
    }

    /** By this ready tasks are served: its priority, unless it waited for too long. */
    int rank() {
        return place.isAged() ? Integer.MAX_VALUE : spec.priority();
    }

    /** Whether all that workers answered of it is durable, and it goes on: those that hold nothing of it may forget it. */
    boolean owesNothingToItsWorkers() {
        return phase == Phase.ACTIVE && acceptance.isAccepted() && unsaved.chunks.isEmpty() && !unsaved.isBeingSaved;
    }

    Phase phase() {
        return phase;
    }

    boolean isActive() {
        return phase == Phase.ACTIVE;
    }

    /** Whether it has not ended. */
    boolean isOpen() {
        return phase != Phase.ENDED;
    }

    /** All that is needed of it is done. */
    void finish() {
        phase = Phase.FINISHING;
    }

    /** Another attempt of one of its subtasks is needed. */
    void countRetry() {
        retries++;
    }

    /** So many results came that count for nothing. */
    void countDuplicates(long results) {
        duplicates += results;
    }

    /** For people. */
    void remember(FailedAttempt failed) {
        FailureLog log = failures;
        if (log == null) {
            log = new FailureLog(failureRoom);
            failures = log;
        }
        log.add(failed);
    }

    /** What is remembered of its failed attempts, or null if none failed. */
    @Nullable
    TaskFailures failures() {
        return failures == null ? null : failures.view();
    }

    /** Nobody asks any more. */
    void forgetFailures() {
        if (failures != null) {
            failures.end();
            failures = null;
        }
    }

    /** It goes on without a subtask. */
    void goesOnAfter(TaskFailure givenUp) {
        lastFailure = givenUp.message();
    }

    String lastFailure() {
        return lastFailure;
    }

    /** Nothing more is leased until the payloads of the lease are made. */
    void prepare(Lease lease) {
        preparingLease = lease.number;
    }

    boolean isPreparing() {
        return preparingLease != 0;
    }

    boolean isPreparing(long lease) {
        return preparingLease == lease;
    }

    /** The payloads are made. */
    void endPreparing() {
        preparingLease = 0;
    }

    /** Whether all that is needed is leased, so that workers with nothing to do can only help those that hold it. */
    boolean isInTail() {
        return phase == Phase.ACTIVE
                && !spec.paused()
                && preparingLease == 0
                && !leases.isEmpty()
                && !indexes.hasFresh()
                && !indexes.hasReturnedToLease();
    }

    /** Whether anything of it may be leased, as far as neither its subtasks nor workers have to do with it. */
    private boolean isOpenForWork() {
        return phase == Phase.ACTIVE && !spec.paused() && !deadlines.isTooEarly();
    }

    /** Whether a lease can be cut now. */
    boolean isLeasable(Limits limits) {
        return isOpenForWork()
                && preparingLease == 0
                && !unsaved.isHeldBack
                && (indexes.hasReturnedToLease() || indexes.hasFresh() && mayLeaseFresh(limits));
    }

    /** Whether a suspect can be leased now to a worker that runs nothing else. */
    boolean mayTry() {
        NavigableSet<Long> suspects = histories.suspectsOnTrial();
        return !suspects.isEmpty() && isOpenForWork() && preparingLease == 0 && indexes.needs(suspects.first());
    }

    /** Fresh work waits while too much hangs in the air below it. */
    private boolean mayLeaseFresh(Limits limits) {
        long waiting = indexes.waiting() + histories.suspectsOnTrial().size();
        if (early.isHeldBack() || known.holdsBack() || waiting >= limits.waitingRetries()) {
            return false;
        }
        return indexes.gapsInNewestChunk() < limits.gapsPerChunk();
    }

    /** The bound at which it is, so that nothing fresh is leased though there is some; or null. */
    @Nullable
    Explanation heldBack(Limits limits) {
        if (indexes.hasReturned() || indexes.nextFresh() == indexes.total() || mayLeaseFresh(limits)) {
            return null;
        }
        if (early.isHeldBack()) {
            return new Explanation.HeldBack(Explanation.Bound.BUFFERED_RESULT_BYTES, limits.bufferedResultBytes());
        }
        if (known.holdsBack()) {
            return new Explanation.HeldBack(Explanation.Bound.SUBTASK_BYTES, limits.subtaskBytes());
        }
        return indexes.waiting() + histories.suspectsOnTrial().size() >= limits.waitingRetries()
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
        start(nowMs);
        return indexes.cut(mostSubtasks);
    }

    /** Takes one suspect that waits for its trial. */
    Cut cutSuspect(Chunk chunk, long index, long nowMs) {
        start(nowMs);
        return indexes.cutSuspect(chunk, index);
    }

    private void start(long nowMs) {
        if (startedMs == null) {
            startedMs = nowMs;
        }
    }

    /**
     * Up to where results are taken that nobody was leased. A former server leased them; workers bring what it did not save
     * while the task is held off after a restart. After that most of it is leased anew.
     */
    long reachable() {
        return deadlines.isHeldOff() ? indexes.total() : indexes.reachable();
    }

    void addLease(Lease lease) {
        leases.put(lease.number, lease);
        lease.chunk.leases.add(lease);
    }

    void removeLease(Lease lease) {
        leases.remove(lease.number);
        lease.chunk.leases.remove(lease);
    }

    /** Ends the task and lets go of all that served to run it, but for the timers of its parts. */
    void end(State state, @Nullable TaskFailure why, long nowMs) {
        beforeEnd = snapshot();
        phase = Phase.ENDED;
        terminalState = state;
        failure = why;
        finishedMs = nowMs;
        indexes.end(why == null ? null : why.subtask());
        leases.clear();
        early.set(0);
        known.end();
    }

    TaskSnapshot snapshot() {
        TaskSnapshot.Draft snapshot = new TaskSnapshot.Draft(spec, state(), indexes.ledger());
        snapshot.retries = retries;
        snapshot.duplicates = duplicates;
        snapshot.submittedMs = submittedMs;
        snapshot.startedMs = startedMs;
        snapshot.finishedMs = finishedMs;
        snapshot.failedRanges = indexes.failedRanges();
        snapshot.failure = failure;
        return snapshot.finish();
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
