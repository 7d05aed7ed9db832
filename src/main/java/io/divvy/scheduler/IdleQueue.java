package io.divvy.scheduler;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Workers that would take a lease if there were one for them. Those with a free slot start it at once, so they are woken
 * before the others; of each kind who has been idle the longest is woken first.
 */
final class IdleQueue {
    /** Idle workers that are looked at for a free slot: the others will become idle again. */
    private static final int LOOKED_AT = 64;

    /** The same for one whose death would tell: new workers may have become idle in front of it. */
    private static final int LOOKED_AT_FOR_TRIAL = 256;

    private final WorkersByType withFreeSlot = new WorkersByType();
    private final WorkersByType busy = new WorkersByType();

    /** The place of one worker. */
    static final class Place {
        private boolean isIdle;
        /** Whether it is idle among those with a free slot. */
        private boolean hasFreeSlot;

        boolean isIdle() {
            return isIdle;
        }
    }

    /** It may be idle already. */
    void add(WorkerView worker) {
        boolean hasFreeSlot = worker.idleSlots() > 0;
        if (worker.idle.isIdle && worker.idle.hasFreeSlot == hasFreeSlot) {
            return; // A worker of a thousand types is in a thousand sets.
        }
        remove(worker);
        worker.idle.isIdle = true;
        worker.idle.hasFreeSlot = hasFreeSlot;
        kind(worker).add(worker);
    }

    void remove(WorkerView worker) {
        if (worker.idle.isIdle) {
            worker.idle.isIdle = false;
            kind(worker).remove(worker);
        }
    }

    private WorkersByType kind(WorkerView worker) {
        return worker.idle.hasFreeSlot ? withFreeSlot : busy;
    }

    /** Wakes a worker with a free slot that takes the type; null if none is idle. */
    @Nullable
    WorkerView wakeWithFreeSlot(String taskType) {
        return wake(withFreeSlot.first(taskType));
    }

    /** Wakes a worker that takes the type and has something to do before it; null if there is none. */
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

    /** One that takes the type and that the condition holds for, among those idle the longest; or null. */
    @Nullable
    WorkerView find(String taskType, Predicate<WorkerView> condition) {
        WorkerView found = withFreeSlot.find(taskType, LOOKED_AT_FOR_TRIAL, condition);
        return found == null ? busy.find(taskType, LOOKED_AT_FOR_TRIAL, condition) : found;
    }

    /** One with a free slot that takes the type and that the condition holds for, among those idle the longest; or null. */
    @Nullable
    WorkerView findWithFreeSlot(String taskType, Predicate<WorkerView> condition) {
        return withFreeSlot.find(taskType, LOOKED_AT, worker -> worker.idleSlots() > 0 && condition.test(worker));
    }
}
