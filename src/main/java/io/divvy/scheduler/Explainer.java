package io.divvy.scheduler;

import io.divvy.scheduler.Explanation.Holder;
import io.divvy.scheduler.TaskState.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says why a task is not finished yet. It only looks. Its cost grows with the workers, looked at once, and with the leases of
 * the task, and not with the types of a worker or with open tasks, of which it looks at so many.
 */
final class Explainer {
    /** Holders that are listed: more than a person reads. */
    private static final int LISTED_HOLDERS = 20;

    /** Workers of the task's type whose other types are looked at. */
    private static final int LOOKED_AT_TAKERS = 8;

    private final Limits limits;
    private final boolean isJournalFull;
    private final Collection<WorkerView> workers;
    private final Iterable<TaskState> readyInOrder;

    /** @param readyInOrder the tasks of which a lease can be cut now, those first that are served first */
    Explainer(Limits limits, boolean isJournalFull, Collection<WorkerView> workers, Iterable<TaskState> readyInOrder) {
        this.limits = limits;
        this.isJournalFull = isJournalFull;
        this.workers = workers;
        this.readyInOrder = readyInOrder;
    }

    /** All reasons that hold, what runs first. Never empty. */
    List<Explanation> explain(TaskState task) {
        if (task.phase() == Phase.ENDED) {
            return List.of(new Explanation.Saving());
        }
        if (task.phase() == Phase.FINISHING) {
            return List.of(new Explanation.Combining());
        }
        List<Explanation> reasons = new ArrayList<>();
        addIfThere(reasons, running(task));
        if (task.isPreparing()) {
            reasons.add(new Explanation.PreparingPayloads());
        }
        if (task.deadlines.isBeforeItsTime()) {
            reasons.add(new Explanation.NotBefore(task.spec.notBeforeMs()));
        }
        if (task.spec.paused()) {
            reasons.add(new Explanation.Paused());
        } else if (!task.deadlines.isBeforeItsTime() && task.indexes.pending() > task.indexes.waiting()) {
            explainPending(task, reasons);
        }
        long onTrial = task.histories.suspectsOnTrial().size();
        if (onTrial > 0) {
            reasons.add(new Explanation.OnTrial(onTrial));
        }
        if (task.indexes.waiting() > 0) {
            reasons.add(new Explanation.BackingOff(task.indexes.waiting(), task.histories.nextRetryMs()));
        }
        return reasons;
    }

    private static void addIfThere(List<Explanation> reasons, @Nullable Explanation reason) {
        if (reason != null) {
            reasons.add(reason);
        }
    }

    private static @Nullable Explanation running(TaskState task) {
        Map<WorkerView, Long> held = new HashMap<>();
        long running = task.indexes.leased();
        for (Lease lease : task.leases.values()) {
            if (lease.isAssigned) {
                held.merge(lease.worker, lease.unanswered.size(), Long::sum);
            } else {
                running -= heldOnlyBy(lease);
            }
        }
        return held.isEmpty() ? null : new Explanation.Running(running, held.size(), firstHolders(held));
    }

    private static List<Holder> firstHolders(Map<WorkerView, Long> held) {
        TreeMap<Long, Holder> first = new TreeMap<>();
        held.forEach((worker, subtasks) -> {
            first.put(worker.id.value(), new Holder(worker.id, worker.name, subtasks));
            if (first.size() > LISTED_HOLDERS) {
                first.pollLastEntry();
            }
        });
        return List.copyOf(first.values());
    }

    /** How many indexes the lease holds that no other open lease does. */
    private static long heldOnlyBy(Lease lease) {
        IndexRanges alone = new IndexRanges();
        lease.chunk.leased.within(lease.from, lease.to).forEach(open -> alone.add(open.from(), open.to()));
        for (Lease other : lease.chunk.leases) {
            if (other != lease) {
                other.unanswered
                        .within(lease.from, lease.to)
                        .forEach(theirs -> alone.remove(theirs.from(), theirs.to()));
            }
        }
        return alone.size();
    }

    /** Why what could be leased is not. */
    private void explainPending(TaskState task, List<Explanation> reasons) {
        TypeWorkers ofType = new TypeWorkers(task.spec.type());
        if (ofType.staying == 0) {
            reasons.add(new Explanation.NoWorker(ofType.type, ofType.draining));
            return;
        }
        if (ofType.quarantined > 0) {
            reasons.add(new Explanation.Quarantined(ofType.type, ofType.quarantined, ofType.firstQuarantineEndMs));
        }
        if (task.deadlines.isHeldOff()) {
            reasons.add(new Explanation.AwaitingReturn(task.deadlines.heldOffUntilMs()));
            return;
        }
        if (isJournalFull || task.unsaved.isHeldBack) {
            reasons.add(new Explanation.HeldBack(Explanation.Bound.UNSAVED_RESULT_BYTES, limits.unsavedResultBytes()));
            return;
        }
        Explanation held = task.heldBack(limits);
        if (held != null) {
            reasons.add(held);
        } else if (ofType.waitForRoom > 0 && !ofType.isOneHungry) {
            reasons.add(new Explanation.HeldBack(Explanation.Bound.WORKER_BYTES, limits.workerBytes()));
        } else if (!ofType.isOneHungry && ofType.quarantined < ofType.staying) {
            reasons.add(new Explanation.WaitingForCredit(ofType.type, ofType.staying, ofType.stalled));
            addIfThere(reasons, behindHigherPriority(task, ofType.first));
        }
    }

    /** What there is to say of the workers that take a type, seen in one look at all workers. */
    private final class TypeWorkers {
        final String type;
        /** Those that do not drain; so are all that follow. */
        int staying;

        int draining;
        int stalled;
        int quarantined;
        long firstQuarantineEndMs = Timers.NEVER;
        /** Those that would get a lease if there were memory for it. */
        int waitForRoom;

        boolean isOneHungry;
        final List<WorkerView> first = new ArrayList<>();

        TypeWorkers(String type) {
            this.type = type;
            for (WorkerView worker : workers) {
                if (!worker.takes(type)) {
                    continue;
                }
                if (worker.isDraining()) {
                    draining++;
                } else {
                    count(worker);
                }
            }
        }

        private void count(WorkerView worker) {
            staying++;
            if (first.size() < LOOKED_AT_TAKERS) {
                first.add(worker);
            }
            if (worker.headway.owes()) {
                stalled++;
            }
            if (worker.quarantine.isOn()) {
                quarantined++;
                firstQuarantineEndMs = Math.min(firstQuarantineEndMs, worker.quarantine.untilMs());
            }
            waitForRoom += worker.room.isAwaited() ? 1 : 0;
            isOneHungry |= worker.isHungry() && !worker.room.isAwaited();
        }
    }

    /** Those ahead of it that want the same workers, of the first tasks that are ready: the others come after those. */
    private @Nullable Explanation behindHigherPriority(TaskState task, List<WorkerView> takers) {
        int priority = task.spec.priority();
        int ahead = 0;
        int highest = priority;
        int looked = 0;
        for (TaskState other : readyInOrder) {
            if (other == task || ++looked > Explanation.BehindHigherPriority.MOST_TASKS) {
                break;
            }
            if (other.spec.priority() > priority
                    && takers.stream().anyMatch(worker -> worker.takes(other.spec.type()))) {
                ahead++;
                highest = Math.max(highest, other.spec.priority());
            }
        }
        return ahead == 0 ? null : new Explanation.BehindHigherPriority(priority, ahead, highest);
    }
}
