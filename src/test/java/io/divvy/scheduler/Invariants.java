package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Phase;
import io.divvy.state.Ledger;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What holds between two events, counted from the sets themselves. It only looks, and its cost grows with the workers, the
 * open tasks and their open chunks. Each check throws an {@link IllegalStateException} that says what is broken.
 */
final class Invariants {
    private final Scheduler core;

    Invariants(Scheduler core) {
        this.core = core;
    }

    void check() {
        long deadlines = core.dispatcher.deadlines();
        deadlines += core.trials.deadlines();
        for (TaskState task : core.tasks.all()) {
            check(task);
            deadlines += deadlines(task);
        }
        for (WorkerView worker : core.workers.all()) {
            check(worker);
            deadlines += worker.signs.deadlines();
            deadlines += worker.quarantine.isOn() ? 1 : 0;
            deadlines += worker.holds.deadlines();
        }
        if (deadlines != core.timers.size()) {
            throw new IllegalStateException(
                    "broken: " + core.timers.size() + " timers run for " + deadlines + " deadlines");
        }
        checkBytes();
    }

    /** The same of the tasks and workers that a turn named; if it named no task, of what its workers hold something of. */
    void check(Touched touched) {
        Set<TaskState> tasks = new HashSet<>();
        for (WorkerId id : touched.workers) {
            WorkerView worker = core.workers.find(id);
            if (worker != null) {
                check(worker);
                if (touched.tasks.isEmpty()) {
                    worker.leases.values().forEach(lease -> tasks.add(lease.task));
                }
            }
        }
        for (TaskId id : touched.tasks) {
            TaskState task = core.tasks.find(id);
            if (task != null) {
                tasks.add(task);
            }
        }
        for (TaskState task : tasks) {
            check(task);
        }
    }

    private void checkBytes() {
        long openBytes = 0;
        long earlyBytes = 0;
        long subtaskBytes = 0;
        for (TaskState task : core.tasks.all()) {
            openBytes += task.sizeBytes;
            earlyBytes += task.early.bytes();
            subtaskBytes += task.known.bytes();
        }
        long workerBytes =
                core.workers.all().stream().mapToLong(WorkerView::countBytes).sum();
        requireBytes("early results", earlyBytes, core.earlyResultBytes());
        requireBytes("single subtasks", subtaskBytes, core.rooms.subtasks.bytes());
        requireBytes("leases and what is known of workers", workerBytes, core.workerBytes());
        requireBytes("the open tasks", openBytes, core.openTaskBytes());
    }

    private static void requireBytes(String what, long taken, long charged) {
        if (taken != charged) {
            throw new IllegalStateException("broken: " + what + " take " + taken + " bytes, not " + charged);
        }
    }

    private static void check(TaskState task) {
        require(task, isToBeSaved(task), "what is unsaved waits for a time or a commit");
        require(task, task.indexes.ledger().addsUp(), "the ledger adds up");
        if (task.phase() == Phase.ENDED) {
            require(task, task.leases.isEmpty(), "an ended task has no leases");
        } else {
            checkIndexes(task);
        }
    }

    private static boolean isToBeSaved(TaskState task) {
        boolean isScheduled = task.unsaved.timer != null || task.unsaved.isBeingSaved;
        return !task.isActive() || isScheduled || task.unsaved.chunks.isEmpty();
    }

    /** Every index is in exactly one place. */
    private static void checkIndexes(TaskState task) {
        long inLeased = 0;
        long inReturned = 0;
        long openIndexes = 0;
        long inBuffer = 0;
        for (Chunk chunk : task.indexes.openChunks()) {
            checkIndexes(task, chunk);
            inLeased += chunk.leased.size();
            inReturned += chunk.returned.size();
            inBuffer += chunk.earlyBytes();
            openIndexes += Math.min(chunk.to, task.indexes.nextFresh()) - chunk.from - chunk.closed.size();
        }
        for (Lease lease : task.leases.values()) {
            require(task, !lease.unanswered.isEmpty(), "an open lease holds something unanswered");
        }
        Ledger ledger = task.indexes.ledger();
        long leased = ledger.leased();
        long returned = task.indexes.returned();
        long waiting = task.indexes.waiting();
        long onTrial = task.histories.suspectsOnTrial().size();
        require(task, inBuffer == task.early.bytes(), "buffered bytes are counted right");
        require(task, inLeased == leased, "leased is counted right");
        require(task, inReturned == returned, "returned is counted right");
        require(task, task.histories.countWaiting() == waiting, "waiting is counted right");
        require(task, openIndexes == leased + returned + waiting + onTrial, "no index is lost");
        require(
                task,
                task.indexes.nextFresh() - openIndexes == ledger.done() + ledger.failed(),
                "what is closed is done or failed");
        require(
                task,
                ledger.pending() == ledger.total() - task.indexes.nextFresh() + returned + waiting + onTrial,
                "pending is what is not leased");
        long failed =
                task.indexes.failedRanges().stream().mapToLong(Range::size).sum();
        require(task, failed == ledger.failed(), "failed ranges are counted right");
        require(
                task,
                task.indexes.countKnownBytes() == task.known.bytes(),
                "what single subtasks take is counted right");
    }

    private static void checkIndexes(TaskState task, Chunk chunk) {
        IndexRanges seen = new IndexRanges();
        for (IndexRanges set : List.of(chunk.leased, chunk.returned, chunk.closed)) {
            for (Range range : set.toList()) {
                require(task, seen.add(range.from(), range.to()) == range.size(), "an index is in one set only");
            }
        }
        require(task, chunk.returned.isEmpty() != task.indexes.hasReturned(chunk), "returned chunks are known");
        IndexRanges held = new IndexRanges();
        for (Lease lease : task.leases.values()) {
            if (lease.chunk == chunk) {
                lease.heldWithin(chunk.from, chunk.to).forEach(range -> held.add(range.from(), range.to()));
            }
        }
        for (Range closed : chunk.closed.toList()) {
            held.remove(closed.from(), closed.to());
        }
        require(task, held.equals(chunk.leased), "leased is what open leases hold unanswered and open");
    }

    /** How many timers should run for a task. */
    private static long deadlines(TaskState task) {
        if (task.phase() == Phase.ENDED) {
            return 0;
        }
        return task.indexes.waiting()
                + task.leases.values().stream()
                        .filter(lease -> lease.expiry != null)
                        .count()
                + (task.unsaved.timer == null ? 0 : 1)
                + task.deadlines.count()
                + task.tail.deadlines()
                + task.reports.deadlines();
    }

    private void check(WorkerView worker) {
        long unanswered = worker.leases.values().stream()
                .mapToLong(lease -> lease.unanswered.size())
                .sum();
        if (unanswered != worker.creditUsed() || unanswered > worker.credit) {
            throw new IllegalStateException("broken: " + worker.name + " uses " + worker.creditUsed()
                    + " credit, its leases hold " + unanswered + ", it gave " + worker.credit);
        }
        long trials =
                worker.leases.values().stream().filter(lease -> lease.isTrial).count();
        if (trials > 1 || trials == 1 && worker.creditUsed() > worker.slots) {
            throw new IllegalStateException(
                    "broken: " + worker.name + " has two suspects on trial, or something waits beside one");
        }
        if (!worker.trials.isRightFor(worker)) {
            throw new IllegalStateException("broken: " + worker.name + " is kept free for a suspect that is gone");
        }
        boolean holdsSomething = worker.leases.values().stream().anyMatch(lease -> lease.isAssigned);
        if (!worker.plain && holdsSomething && worker.holds.deadlines() == 0) {
            throw new IllegalStateException("broken: nobody sees for how long " + worker.name + " holds what it has");
        }
        if (!worker.known.declinedOnlyKnownTasks()) {
            throw new IllegalStateException("broken: " + worker.name + " remembers a decline of a forgotten task");
        }
        if (!core.dispatcher.isServed(worker)) {
            throw new IllegalStateException(
                    "broken: " + worker.name + " is idle exactly if it wants work and has none");
        }
    }

    private static void require(TaskState task, boolean holds, String invariant) {
        if (!holds) {
            throw new IllegalStateException(
                    "broken: " + invariant + "; task " + task.spec.id() + " " + task.indexes.ledger());
        }
    }
}
