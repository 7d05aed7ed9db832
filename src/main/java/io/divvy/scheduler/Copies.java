package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Workers that run copies, subtasks that another worker runs as well. A copy has a slot only while nothing else is ready for
 * it: then the worker is asked to stop it. Plain workers cannot be asked, and finish theirs.
 */
final class Copies {
    /** Workers that are looked at to find one. */
    private static final int LOOKED_AT = 256;

    private final Outbox outbox;
    /** Those with a copy that they were not asked to stop. */
    private final WorkersByType workers = new WorkersByType();

    Copies(Outbox outbox) {
        this.outbox = outbox;
    }

    /** Whether nobody runs a copy that can be stopped. */
    boolean isEmpty() {
        return workers.isEmpty();
    }

    /** To be called when the worker's leases have changed. */
    void refresh(WorkerView worker) {
        boolean isCopying = !worker.copies.isEmpty() && !worker.gone && worker.copied() > 0;
        if (isCopying != worker.isCopying) {
            worker.isCopying = isCopying;
            if (isCopying) {
                workers.add(worker);
            } else {
                workers.remove(worker);
            }
        }
    }

    /** A worker with copies that takes the type and that the condition holds for, or null. */
    @Nullable
    WorkerView find(String taskType, Predicate<WorkerView> condition) {
        return workers.find(taskType, LOOKED_AT, condition);
    }

    /** The worker got something else: so many copies are stopped that it can run that at once. */
    void makeRoom(WorkerView worker) {
        if (worker.isCopying) {
            cancel(worker, worker.copied() - worker.slotsForCopies());
        }
    }

    /** Stops all copies of the worker. */
    void cancelAll(WorkerView worker) {
        cancel(worker, Long.MAX_VALUE);
    }

    /**
     * Work of the task is ready, and nobody takes it: stops so many copies that it could run in their place. Those of workers
     * that never showed that they can do that are stopped in addition: they may go on all the same.
     */
    void yieldTo(TaskState task) {
        long wanted = task.indexes.pending();
        for (WorkerView worker = next(task); worker != null && wanted > 0; worker = next(task)) {
            long stopped = cancel(worker, worker.cancelsLeases ? wanted : Long.MAX_VALUE);
            wanted -= worker.cancelsLeases ? stopped : 0;
        }
    }

    private @Nullable WorkerView next(TaskState task) {
        return find(task.spec.type(), WorkerView::mayGetMore);
    }

    /** Stops the latest copies, which lose the least, until they are so many subtasks or there is none. Returns how many. */
    private long cancel(WorkerView worker, long wanted) {
        long stopped = 0;
        List<Lease> copies = new ArrayList<>(worker.copies);
        for (int i = copies.size() - 1; i >= 0 && stopped < wanted; i--) {
            Lease copy = copies.get(i);
            if (!copy.isCancelled) {
                stopped += copy.unanswered.size();
                copy.cancel(outbox);
            }
        }
        refresh(worker);
        return stopped;
    }
}
