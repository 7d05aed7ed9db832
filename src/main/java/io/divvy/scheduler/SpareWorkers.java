package io.divvy.scheduler;

import org.jspecify.annotations.Nullable;

/** Finds workers that could help others at the end of a task. */
final class SpareWorkers {
    private final CoreContext core;
    private final Journal journal;
    private final WorkerRoom room;
    private final IdleQueue idle;
    private final Copies copies;

    SpareWorkers(CoreContext core, Journal journal, WorkerRoom room, IdleQueue idle, Copies copies) {
        this.core = core;
        this.journal = journal;
        this.room = room;
        this.idle = idle;
        this.copies = copies;
    }

    /**
     * An idle worker with a free slot that takes the task, other than {@code but}; null if there is none. Not one that is
     * about to be taken for gone because it is silent: its death would be laid to what it never saw.
     */
    @Nullable
    WorkerView findIdle(TaskState task, WorkerView but) {
        if (waitsForStore(task)) {
            return null;
        }
        long peerMs = core.outbox().peerMs();
        return idle.findWithFreeSlot(
                task.spec.type(),
                worker -> worker != but && room.isOpenTo(worker) && !worker.isSilent(core.limits(), peerMs));
    }

    /** A worker that would stop a copy to run a subtask of the task, other than {@code but}; null if there is none. */
    @Nullable
    WorkerView findCopying(TaskState task, WorkerView but) {
        return waitsForStore(task)
                ? null
                : copies.find(
                        task.spec.type(),
                        worker -> worker != but
                                && worker.copies.cancels()
                                && worker.mayGetMore()
                                && room.isOpenTo(worker));
    }

    /** Whether nothing is leased of the task until more is durable. */
    private boolean waitsForStore(TaskState task) {
        return journal.isFull() || task.unsaved.isHeldBack;
    }

    /** An idle worker that was found is about to get something. */
    void wake(WorkerView worker) {
        idle.remove(worker);
    }
}
