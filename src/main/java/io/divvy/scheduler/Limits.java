package io.divvy.scheduler;

import io.divvy.heap.HeapShare;
import java.util.function.Consumer;

/**
 * Every bound of the core, with its unit in its name.
 *
 * @param openTasks tasks that are not finished
 * @param openTaskBytes that they take in memory, with their params and payloads
 * @param subtasksPerTask keeps every index and count exact in a JSON number of any language (below 2^53)
 * @param waitingRetries subtasks of one task that wait for a retry: a task in which so many fail is broken
 * @param failedRanges separate ranges of failed subtasks that one task remembers
 * @param gapsPerLease separate unanswered parts of one lease, whose answers may come in any order; with more it ends
 * @param gapsPerChunk separate done parts of one chunk, from which on nothing fresh of its task is leased; at least 2,
 *     because all that is done without a gap is one part
 * @param bufferedResultBytes results of all tasks that arrived too early to be folded in order, from which on nothing fresh
 *     is leased of a task that has some
 * @param earlyResultBytes the same, from which on the task that has the most fails: what workers have may still come
 * @param subtaskBytes what is known of single subtasks of all tasks, from which on the task that has the most fails; from half
 *     of it on nothing fresh is leased of tasks that have much
 * @param failedRangeBytes separate ranges of failed subtasks of all tasks, from which on the task that has the most fails
 * @param failureBytes what is remembered of failed attempts of all tasks, for people; beyond it less is remembered
 * @param workerBytes leases of all workers, and what is remembered of others: from half of it on a worker gets a lease only if
 *     it has less than its part of the other half
 * @param expiredLeases ended leases that a worker's session remembers, to tell a late answer from a wrong one
 * @param quarantineNames names of workers that died, of which that is known: of more, those that died last
 * @param lostSubtasks subtasks of lost connections, of all workers together, of which that is known: of more, those lost last
 * @param deathsUntilPoison workers that one subtask may take down, alone with it, before it fails
 * @param plainLeaseMs how long a plain worker, which has no heartbeat, may take for a subtask
 * @param missedHeartbeats heartbeats that may be missed in a row before a worker is gone
 * @param progressIntervalMs the shortest time between two progress reports of one task
 * @param busyMs how much work, in time, a worker should hold at its measured speed
 * @param holdMs how long a worker may hold something unstarted before it is asked back, and how long it may take to give it
 *     back before others get it as well; twice {@code busyMs}, as no two subtasks cost the same
 * @param longestStarvationMs how long a ready task waits for its next lease at most before it goes ahead of tasks of any
 *     priority
 * @param tailCheckMs how long after its last subtask was leased a task is first looked at: shorter ones need no help
 * @param tailSlowestCheckMs the longest time between two such looks; the time doubles while there is nothing to do
 * @param saveDelayMs how long results may gather before they are handed to the store together; a task that ends by then
 *     costs no commit beside that of its end
 * @param unsavedResultBytes results of all tasks that are not durable yet, from which on nothing is leased of those that have
 *     more than a sixty-fourth of it, nor of any once those parts together take as much: how much work is lost at most with
 *     this process while the store is slow or fails
 * @param holdOffMs how long after a restarted server began to take connections a task that goes on is not leased: workers that come back within it give the
 *     results that the former server did not make durable, and these are not computed again. Longer than a worker takes to
 *     connect again
 * @param busyRetryMs when to try again after the server refused a task because it is full
 */
public record Limits(
        int openTasks,
        long openTaskBytes,
        long subtasksPerTask,
        int waitingRetries,
        int failedRanges,
        int gapsPerLease,
        int gapsPerChunk,
        long bufferedResultBytes,
        long earlyResultBytes,
        long subtaskBytes,
        long failedRangeBytes,
        long failureBytes,
        long workerBytes,
        int expiredLeases,
        int quarantineNames,
        int lostSubtasks,
        int deathsUntilPoison,
        long plainLeaseMs,
        int missedHeartbeats,
        long progressIntervalMs,
        long busyMs,
        long holdMs,
        long longestStarvationMs,
        long tailCheckMs,
        long tailSlowestCheckMs,
        long saveDelayMs,
        long unsavedResultBytes,
        long holdOffMs,
        long busyRetryMs) {

    /** The usual limits where there is memory enough. */
    public static final Limits DEFAULT = forHeap(Long.MAX_VALUE);

    /** The usual limits for a heap of so many bytes. */
    public static Limits forHeap(long heapBytes) {
        return new Draft(heapBytes).finish();
    }

    /** The same limits but for those that are changed. */
    public Limits with(Consumer<Draft> changes) {
        Draft draft = new Draft(this);
        changes.accept(draft);
        return draft.finish();
    }

    /** What a worker begins within this time it begins at once: less would wait for messages more than it works. */
    public static final long BEGUN_AT_ONCE_MS = 25;

    /** Deaths of workers that can have been running a subtask, from which on it is leased to one that runs nothing else. */
    public static final int DEATHS_UNTIL_TRIAL = 2;

    /** How long such a subtask waits for a worker whose death would say the most; after that, whoever can take it. */
    public static final long TRIAL_WAIT_MS = 1_000;

    /**
     * How long a verdict, or an attempt after an answer that made no sense, waits for a better witness than there is: one that
     * has done good work, or one that has begun with its first subtask.
     */
    public static final long WITNESS_WAIT_MS = 30_000;

    /** For how long a name gets nothing under which workers died with two different subtasks in a row. */
    public static final long QUARANTINE_SHORTEST_MS = 1_000;

    /** The same at most: the time doubles with each such death in a row. */
    public static final long QUARANTINE_LONGEST_MS = 300_000;

    /** Losses of a connection that count against the same subtask no more once the same worker is back; further ones do. */
    public static final int LOSSES_TAKEN_BACK = 10;

    /** For how long a worker that lost its connection may stay away: after that, it counts as dead even if it comes back. */
    public static final long LOSS_REMEMBERED_MS = 600_000;

    /** A worker that answered so many subtasks before it died begins anew. */
    public static final int GOOD_WORK_SUBTASKS = 64;

    /** A worker that lived for so long before it died did not die of whatever it gets. */
    public static final long GOOD_WORK_MS = 60_000;

    /**
     * How long ready work waits for a slot to become free before what comes after it and is not started is taken back for it.
     * Most slots that run quick work have become free by then.
     */
    public static final long PREEMPTION_WAIT_MS = 100;

    /** The same for the first subtask of a task, where what is taken back is of tasks of the same priority that have begun. */
    public static final long NEWCOMER_WAIT_MS = 1_000;

    /** Task types of which the speed of one worker is known, and priorities for which it is known what is fair: those used last. */
    public static final int REMEMBERED = 1_000;

    /** Chunks that a task is cut into, at most. */
    public static final int CHUNKS_PER_TASK = 10_000;

    /** Open chunks of a task, from which on no more are opened for results that no worker was leased: nobody paid for them. */
    public static final int CHUNKS_OPENED_BY_OFFERS = 16;

    /** Indexes of a chunk, at least. */
    public static final long MIN_CHUNK_SIZE = 1_024;

    /** Indexes per chunk, a function of the number of subtasks alone, so that a restart and a worker find the same. */
    public static long chunkSize(long subtasks) {
        return Math.max(MIN_CHUNK_SIZE, (subtasks + CHUNKS_PER_TASK - 1) / CHUNKS_PER_TASK);
    }

    /** Limits that are made up, by name. Those that follow from nothing have their usual values here. */
    public static final class Draft {
        public int openTasks = 200_000;
        public long openTaskBytes;
        public long subtasksPerTask = 1_000_000_000_000_000L;
        public int waitingRetries = 100_000;
        public int failedRanges = 10_000;
        public int gapsPerLease = 1_024;
        public int gapsPerChunk = 1_024;
        public long bufferedResultBytes;
        public long earlyResultBytes;
        public long subtaskBytes;
        public long failedRangeBytes;
        public long failureBytes;
        public long workerBytes;
        public int expiredLeases = 1_024;
        public int quarantineNames;
        public int lostSubtasks;
        public int deathsUntilPoison = 3;
        public long plainLeaseMs = 30_000;
        public int missedHeartbeats = 3;
        public long progressIntervalMs = 100;
        public long busyMs = 1_000;
        public long holdMs = 2_000;
        public long longestStarvationMs = 3_600_000;
        public long tailCheckMs = 25;
        public long tailSlowestCheckMs = 1_000;
        public long saveDelayMs = 10;
        public long unsavedResultBytes;
        public long holdOffMs = 2_000;
        public long busyRetryMs = 1_000;

        private Draft(long heapBytes) {
            openTaskBytes = HeapShare.OPEN_TASKS.of(heapBytes);
            bufferedResultBytes = HeapShare.EARLY_RESULTS.of(heapBytes) / 2;
            earlyResultBytes = HeapShare.EARLY_RESULTS.of(heapBytes);
            subtaskBytes = HeapShare.SUBTASKS.of(heapBytes);
            failedRangeBytes = HeapShare.FAILED_RANGES.of(heapBytes);
            failureBytes = HeapShare.FAILURES.of(heapBytes);
            workerBytes = HeapShare.LEASES.of(heapBytes);
            quarantineNames = (int) Math.min(10_000, HeapShare.DEATHS.of(heapBytes) / 4 * 3 / 2_500);
            lostSubtasks = (int) Math.min(100_000, HeapShare.DEATHS.of(heapBytes) / 4 / 50);
            unsavedResultBytes = HeapShare.UNSAVED_RESULTS.of(heapBytes);
        }

        private Draft(Limits usual) {
            openTasks = usual.openTasks;
            openTaskBytes = usual.openTaskBytes;
            subtasksPerTask = usual.subtasksPerTask;
            waitingRetries = usual.waitingRetries;
            failedRanges = usual.failedRanges;
            gapsPerLease = usual.gapsPerLease;
            gapsPerChunk = usual.gapsPerChunk;
            bufferedResultBytes = usual.bufferedResultBytes;
            earlyResultBytes = usual.earlyResultBytes;
            subtaskBytes = usual.subtaskBytes;
            failedRangeBytes = usual.failedRangeBytes;
            failureBytes = usual.failureBytes;
            workerBytes = usual.workerBytes;
            expiredLeases = usual.expiredLeases;
            quarantineNames = usual.quarantineNames;
            lostSubtasks = usual.lostSubtasks;
            deathsUntilPoison = usual.deathsUntilPoison;
            plainLeaseMs = usual.plainLeaseMs;
            missedHeartbeats = usual.missedHeartbeats;
            progressIntervalMs = usual.progressIntervalMs;
            busyMs = usual.busyMs;
            holdMs = usual.holdMs;
            longestStarvationMs = usual.longestStarvationMs;
            tailCheckMs = usual.tailCheckMs;
            tailSlowestCheckMs = usual.tailSlowestCheckMs;
            saveDelayMs = usual.saveDelayMs;
            unsavedResultBytes = usual.unsavedResultBytes;
            holdOffMs = usual.holdOffMs;
            busyRetryMs = usual.busyRetryMs;
        }

        private Limits finish() {
            return new Limits(
                    openTasks,
                    openTaskBytes,
                    subtasksPerTask,
                    waitingRetries,
                    failedRanges,
                    gapsPerLease,
                    gapsPerChunk,
                    bufferedResultBytes,
                    earlyResultBytes,
                    subtaskBytes,
                    failedRangeBytes,
                    failureBytes,
                    workerBytes,
                    expiredLeases,
                    quarantineNames,
                    lostSubtasks,
                    deathsUntilPoison,
                    plainLeaseMs,
                    missedHeartbeats,
                    progressIntervalMs,
                    busyMs,
                    holdMs,
                    longestStarvationMs,
                    tailCheckMs,
                    tailSlowestCheckMs,
                    saveDelayMs,
                    unsavedResultBytes,
                    holdOffMs,
                    busyRetryMs);
        }
    }
}
