package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Cut;
import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.Range;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The end of a task: all of it is leased, and some workers have nothing to do while others still hold much. First the
 * straggler, the worker that will take the longest, is asked to give back what it has not started. If nothing that the idle
 * worker takes is left unstarted, of whatever task, it gets a copy of what runs for longer than it would take itself, and the
 * first result counts. A copy is stopped when anything else is ready for its slot, see {@link Copies}.
 *
 * <p>A task in its tail is looked at now and then, more and more seldom while there is nothing to do, and again when a
 * worker becomes idle.
 */
final class Tail {
    /** Tasks that are looked at when a worker becomes idle; the others are looked at when their time has come. */
    private static final int LOOKED_AT = 4;
    /** Leases of one task that are compared to find the slowest one. */
    private static final int LEASES_COMPARED = 1_000;
    /** For how long a worker for which something is taken back gets no copy: mostly it is there much sooner. */
    private static final long PROMISE_MS = 100;
    /** Tasks that are looked at for something unstarted before a copy is made. */
    private static final int LOOKED_AT_BEFORE_COPY = 64;

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final ReadyTasks readyTasks;
    private final SpareWorkers spare;
    private final Copies copies;
    /** Hears of a copy that is to be leased at once. */
    private final Consumer<Grant> grants;
    /** Tasks in their tail by type. */
    private final Map<String, Tails> byType = new HashMap<>();

    /** When one task is looked at. */
    static final class Watch {
        /** When it is next looked at who could help with its last leases; null while it is not in its tail. */
        private @Nullable Timer timer;
        /** How long to wait until then; grows while there is nothing to do. */
        private long checkMs;

        /** How many timers run for it. For checking invariants. */
        int deadlines() {
            return timer == null ? 0 : 1;
        }
    }

    /** What one worker can rely on. */
    static final class Promise {
        /** Until then it gets no copy: another worker was asked to give something back for it. */
        private long promisedUntilMs = Long.MIN_VALUE;
    }

    /** Those of one type. */
    private static final class Tails {
        final Set<TaskState> all = new LinkedHashSet<>();
        /** Those of which something may be unstarted: while a task is in its tail, that only becomes less. */
        final Set<TaskState> maybeUnstarted = new LinkedHashSet<>();
    }

    Tail(CoreContext core, ReadyTasks readyTasks, SpareWorkers spare, Copies copies, Consumer<Grant> grants) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.readyTasks = readyTasks;
        this.spare = spare;
        this.copies = copies;
        this.grants = grants;
    }

    /** Indexes of the task moved: it may have come into its tail, or left it. */
    void refresh(TaskState task) {
        boolean isInTail = task.isInTail();
        if (isInTail && task.tail.timer == null) {
            Tails sameType = byType.computeIfAbsent(task.spec.type(), type -> new Tails());
            sameType.all.add(task);
            sameType.maybeUnstarted.add(task);
            task.tail.checkMs = limits.tailCheckMs();
            schedule(task);
        } else if (!isInTail && task.tail.timer != null) {
            timers.cancel(task.tail.timer);
            task.tail.timer = null;
            Tails sameType = byType.get(task.spec.type());
            if (sameType != null) {
                sameType.all.remove(task);
                sameType.maybeUnstarted.remove(task);
                if (sameType.all.isEmpty()) {
                    byType.remove(task.spec.type());
                }
            }
        }
    }

    /** A worker became idle. Tasks that were looked at in vain are looked at again, soon. */
    void offer(WorkerView worker) {
        if (byType.isEmpty() || worker.idleSlots() == 0) {
            return;
        }
        Iterable<String> types = worker.taskTypes == null ? byType.keySet() : worker.taskTypes;
        int looked = 0;
        for (String type : types) {
            Tails sameType = byType.get(type);
            for (TaskState task : sameType == null ? Set.<TaskState>of() : sameType.all) {
                if (++looked > LOOKED_AT) {
                    return;
                }
                if (task.tail.checkMs > limits.tailCheckMs()) {
                    task.tail.checkMs = limits.tailCheckMs();
                    timers.cancel(task.tail.timer);
                    schedule(task);
                }
            }
        }
    }

    private void schedule(TaskState task) {
        task.tail.timer = timers.schedule(outbox.nowMs() + task.tail.checkMs, () -> look(task));
    }

    private void look(TaskState task) {
        boolean helped = help(task);
        if (!task.isInTail()) {
            refresh(task);
            return;
        }
        task.tail.checkMs =
                helped ? limits.tailCheckMs() : Math.min(limits.tailSlowestCheckMs(), 2 * task.tail.checkMs);
        schedule(task);
    }

    /** Brings the slowest lease and an idle worker together. Returns whether that was worth it. */
    private boolean help(TaskState task) {
        Lease unstarted = slowest(task, Tail::canBeMoved);
        if (unstarted != null) {
            WorkerView idle = spare.findIdle(task, unstarted.worker);
            WorkerView helper = idle != null ? idle : spare.findCopying(task, unstarted.worker);
            if (helper != null && revoke(unstarted, helper)) {
                if (idle == null) {
                    copies.cancelAll(helper); // Something better is about to come for it.
                }
                return true;
            }
        }
        Lease running = slowest(task, lease -> firstAlone(lease) != null);
        if (running == null) {
            return false;
        }
        WorkerView helper = spare.findIdle(task, running.worker);
        if (helper == null || !isOverdue(running, helper)) {
            return false;
        }
        // What is on its way to it is better than a copy.
        return outbox.nowMs() < helper.tail.promisedUntilMs || revokeAny(helper) || speculate(running, helper);
    }

    /** The lease whose worker will take the longest for all that it holds; of those of one worker, the last one. */
    @Nullable
    private Lease slowest(TaskState task, Predicate<Lease> condition) {
        Lease slowest = null;
        double longestMs = 0;
        int compared = 0;
        for (Lease lease : task.leases.values()) {
            if (lease.isSpeculative) {
                stopNeedlessCopies(lease.worker);
            } else if (lease.isAssigned && !lease.isTrial) {
                double remainingMs = remainingMs(lease);
                if (remainingMs >= longestMs && condition.test(lease)) {
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

    /** Its copies are stopped if something is ready that it takes: what was to make way before may have gone elsewhere. */
    private void stopNeedlessCopies(WorkerView worker) {
        if (worker.copies.isCopying() && readyTasks.hasFor(worker)) {
            copies.cancelAll(worker);
        }
    }

    /** Has something that is not started moved to the worker, of any task that it takes. Returns whether there is some. */
    private boolean revokeAny(WorkerView helper) {
        int looked = 0;
        for (String type : helper.taskTypes == null ? byType.keySet() : helper.taskTypes) {
            Tails sameType = byType.get(type);
            if (sameType == null) {
                continue;
            }
            for (Iterator<TaskState> tasks = sameType.maybeUnstarted.iterator(); tasks.hasNext(); ) {
                if (++looked > LOOKED_AT_BEFORE_COPY) {
                    return false;
                }
                TaskState task = tasks.next();
                Lease lease = slowest(task, Tail::canBeMoved);
                if (lease != null && lease.worker != helper && revoke(lease, helper)) {
                    return true;
                }
                if (lease == null && slowest(task, held -> held.worker.unstarted(held) > 0) == null) {
                    tasks.remove();
                }
            }
        }
        return false;
    }

    /** What could be moved to the worker, of any task that it takes. For tests. */
    List<Lease> movableTo(WorkerView helper) {
        return byType.entrySet().stream()
                .filter(sameType -> helper.takes(sameType.getKey()))
                .flatMap(sameType -> sameType.getValue().all.stream())
                .flatMap(task -> task.leases.values().stream())
                .filter(lease -> lease.worker != helper && isMovable(lease))
                .toList();
    }

    private boolean isMovable(Lease lease) {
        return canBeMoved(lease)
                && !lease.isSpeculative
                && !lease.isTrial
                && remainingMs(lease) >= 2 * limits.tailCheckMs();
    }

    /** Whether something of it is not started that its worker can be asked for. */
    private static boolean canBeMoved(Lease lease) {
        return lease.isRevocable() && lease.worker.unstarted(lease) > 0;
    }

    private double remainingMs(Lease lease) {
        return lease.worker.creditUsed() * subtaskMs(lease);
    }

    /** What a subtask costs the lease's worker: what was measured, or, where that is more, what the present one has taken. */
    private double subtaskMs(Lease lease) {
        double measuredMs = lease.pace.subtaskMs();
        return Math.max(measuredMs, (double) outbox.peerMs() - lease.worker.headway.movedPeerMs());
    }

    /** Shares what is not started between the worker that has it and the one that has nothing, by their speeds. */
    private boolean revoke(Lease lease, WorkerView helper) {
        long unstarted = lease.worker.unstarted(lease);
        if (!lease.isRevocable() || unstarted == 0 || remainingMs(lease) < 2 * limits.tailCheckMs()) {
            return false;
        }
        double ownMs = subtaskMs(lease);
        double helperMs = helper.known.subtaskMs(lease.task.spec.type());
        long given = Math.max(1, Math.min(unstarted, Math.round(unstarted * ownMs / (ownMs + helperMs))));
        lease.revoke(lease.fromLast(given), outbox);
        helper.tail.promisedUntilMs = outbox.nowMs() + PROMISE_MS;
        return true;
    }

    /** Whether what the lease's worker runs has taken longer than it would take the other one. */
    private boolean isOverdue(Lease lease, WorkerView helper) {
        double helperMs = helper.known.subtaskMs(lease.task.spec.type()) * helper.slots;
        double takenMs = outbox.peerMs() - lease.worker.headway.movedPeerMs();
        return takenMs >= Math.max(helperMs, 2.0 * limits.tailCheckMs());
    }

    /** Runs what the lease's worker is busy with a second time. */
    private boolean speculate(Lease lease, WorkerView helper) {
        Range alone = firstAlone(lease);
        if (alone == null) {
            return false;
        }
        long most = helper.plain ? 1 : helper.idleSlots();
        Range again = new Range(alone.from(), Math.min(alone.to(), alone.from() + most));
        spare.wake(helper);
        readyTasks.remove(lease.task);
        grants.accept(new Grant(helper, lease.task, new Cut(lease.chunk, again), Grant.Kind.COPY));
        return true;
    }

    /** The lowest indexes of the lease that are open and that nobody else holds, or null. */
    @Nullable
    private static Range firstAlone(Lease lease) {
        for (Range held : lease.heldWithin(lease.from, lease.to)) {
            for (Range open : lease.chunk.closed.gapsWithin(held.from(), held.to())) {
                Range alone = lease.firstAlone(open);
                if (alone != null && lease.task.indexes.needs(alone.from())) {
                    return alone;
                }
            }
        }
        return null;
    }
}
