package io.divvy.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Workers in the order in which they get their next lease: first an idle one for which a suspect or a task has become ready,
 * then all that may want one, in turn, then those that waited for room, and last an idle one that puts it behind what it has.
 */
final class WorkerLine {
    private final Trials trials;
    private final IdleQueue idle;
    private final Copies copies;
    private final RoomWatch room;
    /** Workers that may take a lease now. */
    private final Deque<WorkerView> turn = new ArrayDeque<>();
    /** Tasks that became ready and may find an idle worker. */
    private final Deque<TaskState> openings = new ArrayDeque<>();
    /** Those of them for which no slot was free, or in the way only of copies. */
    private final Deque<TaskState> waiting = new ArrayDeque<>();
    /** Plain workers that were asked to leave, and run nothing. */
    private final Set<WorkerView> leavers = new LinkedHashSet<>();

    /** The place of one worker. */
    static final class Place {
        /** Whether it waits for its turn. */
        private boolean isInTurn;
    }

    WorkerLine(Trials trials, IdleQueue idle, Copies copies, RoomWatch room) {
        this.trials = trials;
        this.idle = idle;
        this.copies = copies;
        this.room = room;
    }

    /** The worker may have become hungry, or idle. */
    void offer(WorkerView worker) {
        if (worker.plain && worker.isAskedToDrain() && worker.leases.isEmpty()) {
            leavers.add(worker);
        }
        copies.refresh(worker);
        trials.refresh(worker);
        if (!worker.isHungry()) {
            idle.remove(worker); // At once: its turn may only come when the journal has room again.
        }
        if (!worker.line.isInTurn) {
            worker.line.isInTurn = true;
            turn.add(worker);
        }
    }

    void leave(WorkerView worker) {
        leavers.remove(worker);
        idle.remove(worker);
        copies.refresh(worker);
        trials.refresh(worker);
    }

    /** Something of the task is ready again. */
    void open(TaskState task) {
        openings.add(task);
    }

    /** A plain worker that was asked to leave and runs nothing, each once; null if there is none. */
    @Nullable
    WorkerView pollLeaver() {
        Iterator<WorkerView> first = leavers.iterator();
        if (!first.hasNext()) {
            return null;
        }
        WorkerView leaver = first.next();
        first.remove();
        return leaver;
    }

    /** The next worker, or null if nobody may want anything. */
    @Nullable
    WorkerView poll() {
        WorkerView worker = wakeForTrial();
        if (worker != null) {
            return worker;
        }
        worker = wakeForOpening();
        if (worker == null) {
            worker = turn.poll();
            if (worker != null) {
                worker.line.isInTurn = false; // If it is idle, it stays so until there is something for it.
            }
        }
        if (worker == null) {
            worker = room.poll();
        }
        return worker == null ? wakeBusy() : worker;
    }

    /** The next idle worker that can take a suspect, or null. */
    private @Nullable WorkerView wakeForTrial() {
        for (TaskState task = trials.pollOpening(); task != null; task = trials.pollOpening()) {
            TaskState opened = task;
            WorkerView worker = idle.find(task.spec.type(), candidate -> trials.firstFor(candidate, opened) != null);
            if (worker != null) {
                idle.remove(worker);
                return worker;
            }
        }
        return null;
    }

    /** The next worker that is idle, or is kept for a suspect, and could begin at once with what is ready again; or null. */
    private @Nullable WorkerView wakeForOpening() {
        while (!openings.isEmpty()) {
            TaskState task = openings.peek();
            if (task.place.isReady()) {
                WorkerView worker = idle.wakeWithFreeSlot(task.spec.type());
                if (worker == null) {
                    worker = copies.find(task.spec.type(), candidate -> candidate.idle.isIdle());
                }
                if (worker == null) {
                    worker = trials.findKept(task);
                }
                if (worker != null) {
                    idle.remove(worker);
                    return worker;
                }
                waiting.add(task);
            }
            openings.remove();
        }
        return null;
    }

    /**
     * No slot is free for a task that became ready: copies make way for it. Returns the next idle worker that takes it behind
     * what it has, or null.
     */
    private @Nullable WorkerView wakeBusy() {
        while (!waiting.isEmpty()) {
            TaskState task = waiting.peek();
            if (task.place.isReady()) {
                copies.yieldTo(task);
                WorkerView worker = idle.wakeBusy(task.spec.type());
                if (worker != null) {
                    return worker;
                }
            }
            waiting.remove();
        }
        return null;
    }
}
