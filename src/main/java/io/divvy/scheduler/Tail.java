package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Cut;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The end of a task: all of it is leased, and some workers have nothing to do while others still hold much. First the
 * worker that will take the longest is asked to give back what it has not started. What is left is running; if that takes
 * longer than it would take a worker that has nothing to do, it is run there a second time, and the first result counts.
 *
 * <p>A task in its tail is looked at now and then, more and more seldom while there is nothing to do, and again when a
 * worker comes to rest.
 */
final class Tail {
    /** Tasks that are looked at when a worker comes to rest; the others are looked at when their time has come. */
    private static final int LOOKED_AT = 4;
    /** Leases of one task that are compared to find the slowest one. */
    private static final int LEASES_COMPARED = 1_000;

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    /** Tasks in their tail by type. */
    private final Map<String, Set<TaskState>> byType = new HashMap<>();

    Tail(Limits limits, Timers timers, Outbox outbox, Dispatcher dispatcher) {
        this.limits = limits;
        this.timers = timers;
        this.outbox = outbox;
        this.dispatcher = dispatcher;
    }

    /** Indexes of the task moved: it may have come into its tail, or left it. */
    void refresh(TaskState task) {
        boolean isInTail = task.isInTail();
        if (isInTail && task.tailTimer == null) {
            byType.computeIfAbsent(task.spec.type(), type -> new LinkedHashSet<>())
                    .add(task);
            task.tailCheckMs = limits.tailCheckMs();
            schedule(task);
        } else if (!isInTail && task.tailTimer != null) {
            timers.cancel(task.tailTimer);
            task.tailTimer = null;
            Set<TaskState> sameType = byType.get(task.spec.type());
            if (sameType != null && sameType.remove(task) && sameType.isEmpty()) {
                byType.remove(task.spec.type());
            }
        }
    }

    /** A worker came to rest. Tasks that were looked at in vain are looked at again, soon. */
    void offer(WorkerView worker) {
        if (byType.isEmpty() || worker.idleSlots() == 0) {
            return;
        }
        Iterable<String> types = worker.taskTypes == null ? byType.keySet() : worker.taskTypes;
        int looked = 0;
        for (String type : types) {
            for (TaskState task : byType.getOrDefault(type, Set.of())) {
                if (++looked > LOOKED_AT) {
                    return;
                }
                if (task.tailCheckMs > limits.tailCheckMs()) {
                    task.tailCheckMs = limits.tailCheckMs();
                    timers.cancel(task.tailTimer);
                    schedule(task);
                }
            }
        }
    }

    private void schedule(TaskState task) {
        task.tailTimer = timers.schedule(outbox.nowMs() + task.tailCheckMs, () -> look(task));
    }

    private void look(TaskState task) {
        boolean helped = help(task);
        if (!task.isInTail()) {
            refresh(task);
            return;
        }
        task.tailCheckMs = helped ? limits.tailCheckMs() : Math.min(limits.tailSlowestCheckMs(), 2 * task.tailCheckMs);
        schedule(task);
    }

    /** Brings the slowest lease and an idle worker together. Returns whether that was worth it. */
    private boolean help(TaskState task) {
        Lease slowest = slowest(task);
        if (slowest == null) {
            return false;
        }
        WorkerView helper = dispatcher.findIdle(task.spec.type(), slowest.worker);
        if (helper == null) {
            return false;
        }
        return revoke(slowest, helper) || speculate(slowest, helper);
    }

    /** The lease whose worker will take the longest for all that it holds; of those of one worker, the last one. */
    @Nullable
    private Lease slowest(TaskState task) {
        Lease slowest = null;
        double longestMs = 0;
        int compared = 0;
        for (Lease lease : task.leases.values()) {
            if (lease.isAssigned && !lease.isSpeculative && !lease.isTrial && hasSomethingToHelpWith(lease)) {
                double remainingMs = remainingMs(lease);
                if (remainingMs >= longestMs) {
                    slowest = lease;
                    longestMs = remainingMs;
                }
            }
            if (++compared == LEASES_COMPARED) {
                break;
            }
        }
        return slowest;
    }

    private boolean hasSomethingToHelpWith(Lease lease) {
        return lease.isRevocable() && unstarted(lease) > 0 || firstAlone(lease) != null;
    }

    private double remainingMs(Lease lease) {
        return lease.worker.creditUsed() * subtaskMs(lease);
    }

    /** What a subtask costs the lease's worker: what was measured, or, where that is more, what the present one has taken. */
    private double subtaskMs(Lease lease) {
        double measuredMs = lease.worker.subtaskMs(lease.task.spec.type());
        return Math.max(measuredMs, (double) outbox.peerMs() - lease.worker.movedPeerMs);
    }

    /** How many subtasks of the lease its worker cannot have started. */
    private static long unstarted(Lease lease) {
        WorkerView worker = lease.worker;
        long before = 0;
        for (Lease open : worker.leases.values()) {
            if (open == lease || before >= worker.slots) {
                break; // What is behind them cannot have been started, however many there are.
            }
            before += open.unanswered.size();
        }
        long running = Math.max(0, worker.slots - before);
        return Math.max(0, lease.unanswered.size() - running);
    }

    /** Shares what is not started between the worker that has it and the one that has nothing, by their speeds. */
    private boolean revoke(Lease lease, WorkerView helper) {
        long unstarted = unstarted(lease);
        if (!lease.isRevocable() || unstarted == 0 || remainingMs(lease) < 2 * limits.tailCheckMs()) {
            return false;
        }
        double ownMs = subtaskMs(lease);
        double helperMs = helper.subtaskMs(lease.task.spec.type());
        long given = Math.max(1, Math.min(unstarted, Math.round(unstarted * ownMs / (ownMs + helperMs))));
        lease.revoke(lease.fromLast(given), outbox);
        return true;
    }

    /** Runs what the lease's worker is busy with a second time, if that has taken longer than it takes elsewhere. */
    private boolean speculate(Lease lease, WorkerView helper) {
        Range alone = firstAlone(lease);
        TaskState task = lease.task;
        double helperMs = helper.subtaskMs(task.spec.type()) * helper.slots;
        double takenMs = outbox.peerMs() - lease.worker.movedPeerMs;
        if (alone == null || takenMs < Math.max(helperMs, 2.0 * limits.tailCheckMs())) {
            return false;
        }
        long most = helper.plain ? 1 : helper.idleSlots();
        Range again = new Range(alone.from(), Math.min(alone.to(), alone.from() + most));
        dispatcher.speculate(helper, task, new Cut(lease.chunk, again));
        return true;
    }

    /** The lowest indexes of the lease that are open and that nobody else holds, or null. */
    @Nullable
    private static Range firstAlone(Lease lease) {
        for (Range held : lease.unanswered.toList()) {
            for (Range open : lease.chunk.closed.gapsWithin(held.from(), held.to())) {
                Range alone = lease.firstAlone(open);
                if (alone != null && lease.task.needs(alone.from())) {
                    return alone;
                }
            }
        }
        return null;
    }
}
