package io.divvy.scheduler;

import io.divvy.scheduler.Explanation.Holder;
import io.divvy.scheduler.TaskState.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says why a task is not finished yet. It only looks; its cost grows with the workers and the open tasks. */
final class Explainer {
    /** Holders that are listed: more than a person reads. */
    private static final int LISTED_HOLDERS = 20;

    private final Limits limits;
    private final boolean isJournalFull;
    private final Collection<WorkerView> workers;
    private final Iterable<TaskState> tasks;

    Explainer(Limits limits, boolean isJournalFull, Collection<WorkerView> workers, Iterable<TaskState> tasks) {
        this.limits = limits;
        this.isJournalFull = isJournalFull;
        this.workers = workers;
        this.tasks = tasks;
    }

    /** All reasons that hold, what runs first. Never empty. */
    List<Explanation> explain(TaskState task) {
        if (task.phase == Phase.ENDED) {
            return List.of(new Explanation.Saving());
        }
        if (task.phase == Phase.FINISHING) {
            return List.of(new Explanation.Combining());
        }
        List<Explanation> reasons = new ArrayList<>();
        addIfThere(reasons, running(task));
        if (task.preparingLease != 0) {
            reasons.add(new Explanation.PreparingPayloads());
        }
        if (task.pending() > task.waiting()) {
            explainPending(task, reasons);
        }
        long onTrial = task.histories.suspectsOnTrial().size();
        if (onTrial > 0) {
            reasons.add(new Explanation.OnTrial(onTrial));
        }
        if (task.waiting() > 0) {
            reasons.add(new Explanation.BackingOff(task.waiting(), task.histories.nextRetryMs()));
        }
        return reasons;
    }

    private static void addIfThere(List<Explanation> reasons, @Nullable Explanation reason) {
        if (reason != null) {
            reasons.add(reason);
        }
    }

    private static @Nullable Explanation running(TaskState task) {
        Map<Long, Holder> holders = new TreeMap<>();
        IndexRanges running = new IndexRanges(); // Two workers may run the same.
        for (Lease lease : task.leases.values()) {
            if (lease.isAssigned) {
                long held = lease.unanswered.size();
                for (Range range : lease.unanswered.toList()) {
                    lease.chunk
                            .leased
                            .within(range.from(), range.to())
                            .forEach(open -> running.add(open.from(), open.to()));
                }
                WorkerView worker = lease.worker;
                holders.merge(
                        worker.id.value(),
                        new Holder(worker.id, worker.name, held),
                        (one, more) -> new Holder(one.worker(), one.name(), one.subtasks() + more.subtasks()));
            }
        }
        return holders.isEmpty()
                ? null
                : new Explanation.Running(
                        running.size(),
                        holders.size(),
                        holders.values().stream().limit(LISTED_HOLDERS).toList());
    }

    /** Why what could be leased is not. */
    private void explainPending(TaskState task, List<Explanation> reasons) {
        String type = task.spec.type();
        List<WorkerView> takers =
                workers.stream().filter(worker -> worker.takes(type)).toList();
        List<WorkerView> staying =
                takers.stream().filter(worker -> !worker.isDraining()).toList();
        if (staying.isEmpty()) {
            reasons.add(new Explanation.NoWorker(type, takers.size()));
            return;
        }
        addIfThere(reasons, quarantined(type, staying));
        if (task.restTimer != null) {
            reasons.add(new Explanation.AwaitingReturn(task.restTimer.dueMs()));
            return;
        }
        if (isJournalFull) {
            reasons.add(new Explanation.HeldBack(Explanation.Bound.UNSAVED_RESULT_BYTES, limits.unsavedResultBytes()));
            return;
        }
        Explanation held = task.heldBack(limits);
        if (held != null) {
            reasons.add(held);
        } else if (staying.stream().noneMatch(WorkerView::isHungry)
                && !staying.stream().allMatch(WorkerView::isQuarantined)) {
            int stalled = (int)
                    staying.stream().filter(worker -> worker.owedLease != null).count();
            reasons.add(new Explanation.WaitingForCredit(type, staying.size(), stalled));
            addIfThere(reasons, behindHigherPriority(task, staying));
        }
    }

    private static @Nullable Explanation quarantined(String type, List<WorkerView> takers) {
        int workers = 0;
        long untilMs = Timers.NEVER;
        for (WorkerView worker : takers) {
            if (worker.quarantine != null) {
                workers++;
                untilMs = Math.min(untilMs, worker.quarantine.dueMs());
            }
        }
        return workers == 0 ? null : new Explanation.Quarantined(type, workers, untilMs);
    }

    private @Nullable Explanation behindHigherPriority(TaskState task, List<WorkerView> takers) {
        int priority = task.spec.priority();
        int ahead = 0;
        int highest = priority;
        for (TaskState other : tasks) {
            if (other.spec.priority() > priority
                    && other.isLeasable(limits)
                    && takers.stream().anyMatch(worker -> worker.takes(other.spec.type()))) {
                ahead++;
                highest = Math.max(highest, other.spec.priority());
            }
        }
        return ahead == 0 ? null : new Explanation.BehindHigherPriority(priority, ahead, highest);
    }
}
