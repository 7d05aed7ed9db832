package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Workers hold more than they run, so that they never wait; what is to come first must not wait for that. What is not
 * started is revoked where work of higher priority waits for it, and where a task waits for its first subtask behind equals
 * that have begun. What runs is left alone.
 *
 * <p>It looks each {@link #LOOK_MS} while something waits, and only then. A task waits while it is ready, or
 * while its lease lies behind others that are not started.
 */
final class Preemption {
    /** Work is made way for so much later at most than its time for that has come. */
    private static final long LOOK_MS = Limits.PREEMPTION_WAIT_MS / 2;
    /** Ready tasks of one type for which a look makes way, those first that are served first. */
    private static final int TASKS_LOOKED_AT = 16;
    /** Workers that a look asks for one task. */
    private static final int WORKERS_LOOKED_AT = 4_096;
    /**
     * Types, tasks, workers and leases that one look visits for what is ready, and as many leases again in queues: it is short
     * whatever there is. What it did not come to comes first at the next look. The leases of one worker are looked at all or
     * none: as long as any of them is in the way, the others are given back in vain.
     */
    private static final int VISITS_PER_LOOK = 10_000;

    private final Timers timers;
    private final Outbox outbox;
    private final ReadyTasks readyTasks;
    /** Hears of tasks that waited for so long that they go before all others. */
    private final Consumer<TaskState> aged;

    private final WorkersByType workers = new WorkersByType();
    /** Workers with a lease that may have to overtake others of theirs, to be looked at when that is due. */
    private final Set<WorkerView> overtaking = new LinkedHashSet<>();

    @Nullable
    private Timer timer;

    /** What the present look may still visit. */
    private int visits;

    /** The number of the present look, from 1. */
    private long looks;

    /** What is known of one worker. */
    static final class Marks {
        /** No lease that it holds is of a task of lower rank; it may be that none is of one so low. */
        private int lowestRank = Integer.MAX_VALUE;
        /** When its leases are to be looked at; {@link Timers#NEVER} if nothing of them may have to overtake others. */
        private long overtakingDueMs = Timers.NEVER;
        /** When it was last asked to give something back for a ready task, by the time that peers had. */
        private long askedPeerMs = Long.MIN_VALUE / 2;
        /** The last look in which it made way for a task. */
        private long makesWayInLook;
    }

    Preemption(Timers timers, Outbox outbox, ReadyTasks readyTasks, Consumer<TaskState> aged) {
        this.timers = timers;
        this.outbox = outbox;
        this.readyTasks = readyTasks;
        this.aged = aged;
    }

    void join(WorkerView worker) {
        if (!worker.plain) {
            workers.add(worker);
        }
    }

    void leave(WorkerView worker) {
        workers.remove(worker);
        overtaking.remove(worker);
    }

    /** How many timers run for it. For tests. */
    int deadlines() {
        return timer == null ? 0 : 1;
    }

    /** The worker got a lease, perhaps behind others. */
    void granted(Lease lease) {
        WorkerView worker = lease.worker;
        if (worker.creditUsed() == lease.unanswered.size()) {
            worker.preemption.lowestRank = lease.task.rank();
        } else if (worker.creditUsed() > worker.slots) {
            queued(lease);
        } else {
            worker.preemption.lowestRank = Math.min(worker.preemption.lowestRank, lease.task.rank());
        }
    }

    private void queued(Lease lease) {
        WorkerView worker = lease.worker;
        int rank = lease.task.rank();
        boolean isHigher = rank > worker.preemption.lowestRank;
        worker.preemption.lowestRank = Math.min(worker.preemption.lowestRank, rank);
        if (isHigher || !hasBegun(lease.task)) {
            long waitMs = isHigher ? Limits.PREEMPTION_WAIT_MS : Limits.NEWCOMER_WAIT_MS;
            lookAt(worker, outbox.nowMs() + waitMs);
        }
    }

    /** What workers hold of the task may have to overtake other leases now, or to be overtaken. */
    void reprioritized(TaskState task) {
        for (Lease lease : task.leases.values()) {
            Marks marks = lease.worker.preemption;
            marks.lowestRank = Math.min(marks.lowestRank, task.spec.priority());
            lookAt(lease.worker, outbox.nowMs() + Limits.PREEMPTION_WAIT_MS);
        }
    }

    private void lookAt(WorkerView worker, long dueMs) {
        if (dueMs < worker.preemption.overtakingDueMs) {
            worker.preemption.overtakingDueMs = dueMs;
            overtaking.add(worker);
        }
    }

    /** To be called when all that can be leased now is leased: what is left waits. */
    void watch() {
        if (timer == null && !(readyTasks.isEmpty() && overtaking.isEmpty())) {
            timer = timers.schedule(outbox.nowMs() + LOOK_MS, this::look);
        }
    }

    private void look() {
        timer = null;
        readyTasks.age(outbox.nowMs(), aged);
        looks++;
        visits = VISITS_PER_LOOK;
        readyTasks.visitFirst(TASKS_LOOKED_AT, this::makeWay);
        visits = VISITS_PER_LOOK;
        for (WorkerView worker : List.copyOf(overtaking)) {
            if (worker.preemption.overtakingDueMs <= outbox.nowMs() && visits > 0) {
                worker.preemption.overtakingDueMs = Timers.NEVER;
                overtaking.remove(worker);
                overtake(worker);
            }
        }
    }

    /** For the first tasks of one type. Returns whether there is time for another type. */
    private boolean makeWay(List<TaskState> ready) {
        visits--;
        ready.forEach(this::makeWay);
        return visits > 0;
    }

    /** Revokes what is not started and comes after the task, from as many workers as it has use for. */
    private void makeWay(TaskState task) {
        visits--;
        long waitedMs = outbox.nowMs() - task.place.readySinceMs();
        boolean isNewcomer = waitedMs >= Limits.NEWCOMER_WAIT_MS && task.leases.isEmpty() && !hasBegun(task);
        if (waitedMs < Limits.PREEMPTION_WAIT_MS) {
            return;
        }
        boolean mayBeHigher = readyTasks.lowestEverServed() < task.rank();
        boolean isAnybodyAsked = mayBeHigher && askWorkers(task, task.indexes.pending(), false);
        if (isNewcomer && !isAnybodyAsked) {
            askWorkers(task, 1, true); // Its first subtask has a right to one slot among equals, not to theirs.
        }
    }

    /**
     * Asks as many workers as have slots for so many subtasks. Those that were asked before and may be about to answer count,
     * each for one task. Returns whether anybody makes way.
     */
    private boolean askWorkers(TaskState task, long subtasks, boolean isNewcomer) {
        long[] wanted = {subtasks};
        workers.find(task.spec.type(), WORKERS_LOOKED_AT, worker -> {
            if (visits > 0 && worker.mayGetMore() && makesWay(worker, task, isNewcomer)) {
                worker.preemption.makesWayInLook = looks;
                wanted[0] -= worker.slots;
            }
            visits--;
            return wanted[0] <= 0 || visits <= 0;
        });
        return wanted[0] < subtasks;
    }

    /** Whether the worker was asked a short while ago, for no task that this look came to before, or is asked now. */
    private boolean makesWay(WorkerView worker, TaskState first, boolean isNewcomer) {
        if (worker.preemption.makesWayInLook < looks && isAsked(worker)) {
            return true;
        }
        boolean isAsked = revoke(worker, first, isNewcomer);
        if (isAsked) {
            worker.preemption.askedPeerMs = outbox.peerMs();
        }
        return isAsked;
    }

    /** Whether it was asked to give something back for a ready task and may be about to do so: its answer is under way. */
    private boolean isAsked(WorkerView worker) {
        return outbox.peerMs() - worker.preemption.askedPeerMs < Limits.PREEMPTION_WAIT_MS
                && !worker.revokes.isEmpty()
                && !worker.revokes.areIgnored();
    }

    /** Returns whether the worker is asked for anything. */
    private boolean revoke(WorkerView worker, TaskState first, boolean isNewcomer) {
        if (!isNewcomer && worker.preemption.lowestRank >= first.rank()) {
            return false;
        }
        boolean isAsked = false;
        long before = 0;
        for (Lease lease : worker.leases.values()) {
            visits--;
            long unstarted = lease.unstartedBehind(before);
            before += lease.unanswered.size();
            if (unstarted > 0 && lease.isRevocable() && comesAfter(lease, unstarted, first, isNewcomer)) {
                lease.revoke(lease.fromLast(unstarted), outbox);
                isAsked = true;
            }
        }
        return isAsked;
    }

    /** What the worker holds unstarted, and was not asked for, of what has a lower rank than the task. For tests. */
    List<Lease> kept(WorkerView worker, TaskState first) {
        return worker.askable().stream()
                .filter(lease -> lease.task.rank() < first.rank())
                .toList();
    }

    /** What the worker holds unstarted, and was not asked for, of what makes way for a task that has not begun. For tests. */
    List<Lease> keptFromNewcomer(WorkerView worker, TaskState first) {
        boolean isNewcomer = outbox.nowMs() - first.place.readySinceMs() >= Limits.NEWCOMER_WAIT_MS
                && first.leases.isEmpty()
                && !hasBegun(first);
        return isNewcomer
                ? worker.askable().stream()
                        .filter(lease ->
                                lease.task != first && lease.task.rank() == first.rank() && hasBegun(lease.task))
                        .toList()
                : List.of();
    }

    private static boolean comesAfter(Lease lease, long unstarted, TaskState first, boolean isNewcomer) {
        int rank = lease.task.rank();
        if (lease.task == first) {
            return false;
        }
        if (rank != first.rank()) {
            return rank < first.rank();
        }
        // Newcomers do not overtake each other.
        return isNewcomer && (unstarted < lease.unanswered.size() || hasBegun(lease.task));
    }

    /** Whether something of it was answered, or is held beside its only lease. */
    private static boolean hasBegun(TaskState task) {
        return task.leases.size() > 1 || task.indexes.nextFresh() > task.indexes.leased() + task.indexes.returned();
    }

    /** Revokes what is not started and lies in front of leases of the same worker that are to come first. */
    private void overtake(WorkerView worker) {
        Lease highest = null;
        Lease newcomer = null;
        long againMs = Timers.NEVER;
        long before = 0;
        int lowestInFront = Integer.MAX_VALUE;
        worker.preemption.lowestRank = Integer.MAX_VALUE;
        for (Lease lease : worker.leases.values()) {
            visits--;
            boolean isUnstarted = lease.unstartedBehind(before) == lease.unanswered.size();
            before += lease.unanswered.size();
            int rank = lease.task.rank();
            boolean isHigher = rank > lowestInFront;
            lowestInFront = Math.min(lowestInFront, rank);
            // Its task ranks so low again once it is served.
            worker.preemption.lowestRank = Math.min(worker.preemption.lowestRank, lease.task.spec.priority());
            if (!isUnstarted || !isHigher && hasBegun(lease.task)) {
                continue;
            }
            long dueMs = lease.grantedMs + (isHigher ? Limits.PREEMPTION_WAIT_MS : Limits.NEWCOMER_WAIT_MS);
            if (dueMs > outbox.nowMs()) {
                againMs = Math.min(againMs, dueMs);
            } else if (!lease.isAssigned) {
                againMs = Math.min(againMs, outbox.nowMs() + LOOK_MS); // Its payloads are being made.
            } else if (isHigher) {
                highest = highest == null || rank >= highest.task.rank() ? lease : highest;
            } else if (newcomer == null) {
                newcomer = lease;
            }
        }
        if (highest != null) {
            revokeInFrontOf(highest, false);
        }
        if (newcomer != null) {
            revokeInFrontOf(newcomer, true);
        }
        if (highest != null || newcomer != null) {
            againMs = Math.min(againMs, outbox.nowMs() + Limits.NEWCOMER_WAIT_MS);
        }
        lookAt(worker, againMs);
    }

    private void revokeInFrontOf(Lease first, boolean isNewcomer) {
        long before = 0;
        for (Lease lease : first.worker.leases.values()) {
            if (lease == first) {
                return;
            }
            long unstarted = lease.unstartedBehind(before);
            before += lease.unanswered.size();
            if (unstarted > 0 && lease.isRevocable() && comesAfter(lease, unstarted, first.task, isNewcomer)) {
                lease.revoke(lease.fromLast(unstarted), outbox);
            }
        }
    }
}
