package io.divvy.scheduler;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Workers that would take a lease if there were one for them. Those with an idle slot start it at once, so they are woken
 * before the others; of each kind who rests the longest is woken first.
 */
final class RestingWorkers {
    /** Resting workers that are looked at for an idle slot: the others will come to rest again. */
    private static final int LOOKED_AT = 64;

    /** The same for one whose death would tell: new workers may rest in front of it. */
    private static final int LOOKED_AT_FOR_TRIAL = 256;

    private final WorkersByType idle = new WorkersByType();
    private final WorkersByType busy = new WorkersByType();

    /** It may rest already. */
    void add(WorkerView worker) {
        boolean isIdle = worker.idleSlots() > 0;
        if (worker.resting && worker.restsIdle == isIdle) {
            return; // A worker of a thousand types is in a thousand sets.
        }
        remove(worker);
        worker.resting = true;
        worker.restsIdle = isIdle;
        (worker.restsIdle ? idle : busy).add(worker);
    }

    void remove(WorkerView worker) {
        if (worker.resting) {
            worker.resting = false;
            (worker.restsIdle ? idle : busy).remove(worker);
        }
    }

    /** Wakes a worker with an idle slot that takes the type; null if none rests. */
    @Nullable
    WorkerView wakeIdle(String taskType) {
        return wake(idle.first(taskType));
    }

    /** Wakes a worker that takes the type and has something to do before it; null if none rests. */
    @Nullable
    WorkerView wakeBusy(String taskType) {
        return wake(busy.first(taskType));
    }

    private @Nullable WorkerView wake(@Nullable WorkerView worker) {
        if (worker != null) {
            remove(worker);
        }
        return worker;
    }

    /** One that takes the type and that the condition holds for, among those that rest the longest; or null. */
    @Nullable
    WorkerView find(String taskType, Predicate<WorkerView> condition) {
        WorkerView found = idle.find(taskType, LOOKED_AT_FOR_TRIAL, condition);
        return found == null ? busy.find(taskType, LOOKED_AT_FOR_TRIAL, condition) : found;
    }

    /** One with an idle slot that takes the type and that the condition holds for, among those that rest the longest; or null. */
    @Nullable
    WorkerView findIdle(String taskType, Predicate<WorkerView> condition) {
        return idle.find(taskType, LOOKED_AT, worker -> worker.idleSlots() > 0 && condition.test(worker));
    }
}
