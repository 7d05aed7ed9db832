package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import org.jspecify.annotations.Nullable;

/** Makes room for the leases of workers that have no more to get: forgets what can be done without, at once or by and by. */
final class RoomWatch {
    /** So many of the tasks that a worker knows are looked at, to forget some. */
    private static final int KNOWN_TASKS_LOOKED_AT = 64;
    /** How often is looked whether something of workers that wait for room can be forgotten by now. */
    private static final long LOOK_MS = 50;
    /** At so many of them in each look: it costs a microsecond or ten for each. */
    private static final int WAITERS_PER_LOOK = 16;

    private final Timers timers;
    private final Outbox outbox;
    private final WorkerRoom room;
    /** Runs while workers wait for room. */
    private @Nullable Timer timer;
    /** How many more of them are looked at now. */
    private int waitersLeft;

    RoomWatch(CoreContext core, WorkerRoom room) {
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.room = room;
    }

    /** Nobody says when something can be forgotten: its answers become durable, or it answers. */
    void watch() {
        if (!room.isAwaited()) {
            timers.cancel(timer);
            timer = null;
        } else if (timer == null) {
            timer = timers.schedule(outbox.nowMs() + LOOK_MS, () -> {
                timer = null;
                waitersLeft = WAITERS_PER_LOOK;
            });
        }
    }

    /** A worker that waited and may find room now, or null. */
    @Nullable
    WorkerView poll() {
        WorkerView worker = room.poll();
        if (worker == null && waitersLeft > 0) {
            waitersLeft--;
            worker = room.pollInVain();
        }
        return worker;
    }

    /** The worker is looked at: if there is no room, it has to wait anew. */
    void stopWaiting(WorkerView worker) {
        room.stopWaiting(worker);
    }

    /** Whether there is room for a lease of the task, or can be made; else the worker waits for it. */
    boolean makeFor(WorkerView worker, TaskState task) {
        if (worker.room.isShort()) {
            forgetFor(worker, task);
        }
        if (room.isOpenTo(worker)) {
            return true;
        }
        room.await(worker);
        return false;
    }

    /** Forgets what is known of the worker and can be done without, until there is room for a lease of another task. */
    private void forgetFor(WorkerView worker, TaskState next) {
        boolean hasMore = true;
        while (hasMore && worker.room.isShort()) {
            hasMore = worker.ended.forgetOldest();
        }
        if (!worker.room.isShort()) {
            return;
        }
        for (TaskState task : worker.known.pollOldest(KNOWN_TASKS_LOOKED_AT)) {
            if (task != next && worker.canForget(task) && worker.room.isShort()) {
                worker.forget(task);
                task.knownBy.remove(worker);
                outbox.emit(new Effect.Forget(worker.id, task.spec.id()));
            }
        }
        hasMore = true;
        while (hasMore && worker.room.isShort()) {
            hasMore = worker.known.forgetPace();
        }
    }

    /** How many timers run for it. For checking invariants. */
    int deadlines() {
        return timer == null ? 0 : 1;
    }
}
