package io.divvy.scheduler;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

    /** Those of one worker. */
    static final class OfWorker {
        /** Leases that are copies and can be cancelled, the oldest first. */
        private final Set<Lease> leases = new LinkedHashSet<>(4);
        /** Whether it runs some that it was not asked to stop, as far as is known by now. */
        private boolean isCopying;
        /** Whether it ever released a lease because it was cancelled, so that it can be relied on to do so. */
        private boolean cancels;

        void add(Lease copy) {
            leases.add(copy);
        }

        void remove(Lease copy) {
            leases.remove(copy);
        }

        /** It stopped a lease that was cancelled. */
        void stopped() {
            cancels = true;
        }

        boolean isCopying() {
            return isCopying;
        }

        boolean cancels() {
            return cancels;
        }

        Set<Lease> all() {
            return leases;
        }

        /** Subtasks of copies, those that it was asked to stop too. */
        private long held() {
            long held = 0;
            for (Lease copy : leases) {
                held += copy.unanswered.size();
            }
            return held;
        }

        /** Subtasks of copies that it was not asked to stop. */
        private long copied() {
            long copied = 0;
            for (Lease copy : leases) {
                copied += copy.isCancelled ? 0 : copy.unanswered.size();
            }
            return copied;
        }
    }

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
        OfWorker copies = worker.copies;
        boolean isCopying = !copies.leases.isEmpty() && !worker.isGone() && copies.copied() > 0;
        if (isCopying != copies.isCopying) {
            copies.isCopying = isCopying;
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
        if (worker.copies.isCopying) {
            long others = worker.creditUsed() - worker.copies.held();
            cancel(worker, worker.copies.copied() - Math.max(0, worker.slots - others));
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
            long stopped = cancel(worker, worker.copies.cancels ? wanted : Long.MAX_VALUE);
            wanted -= worker.copies.cancels ? stopped : 0;
        }
    }

    private @Nullable WorkerView next(TaskState task) {
        return find(task.spec.type(), WorkerView::mayGetMore);
    }

    /** Stops the latest copies, which lose the least, until they are so many subtasks or there is none. Returns how many. */
    private long cancel(WorkerView worker, long wanted) {
        long stopped = 0;
        List<Lease> copies = new ArrayList<>(worker.copies.leases);
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
