package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Cut;
import io.divvy.state.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings tasks and workers together: it chooses who gets what next, and how much, until nobody is idle who could take a lease
 * of a ready task, or the journal is full. What it chose is granted by the {@link LeaseBook}.
 *
 * <p>Workers get one lease at a time in turn, those first that are idle, so that a small task is shared out instead of going to
 * whoever comes first.
 */
final class Dispatcher {
    private final Limits limits;
    private final Outbox outbox;
    private final Journal journal;
    private final WorkerRoom room;
    private final Trials trials;
    private final FleetSize fleet = new FleetSize();
    private final IdleQueue idle = new IdleQueue();
    private final ReadyTasks readyTasks;
    private final Copies copies;
    private final RoomWatch roomWatch;
    private final WorkerLine line;
    private final Preemption preemption;
    private final Tail tail;

    /** {@link #refresh}, made once: it is handed out in each turn. */
    private final Consumer<TaskState> refreshTask = this::refresh;

    /** @param copyGrants hears of a copy that is to be leased at once: it is chosen when time passes, and not by {@link #next} */
    Dispatcher(CoreContext core, Journal journal, WorkerRoom room, Trials trials, Consumer<Grant> copyGrants) {
        this.limits = core.limits();
        this.outbox = core.outbox();
        this.journal = journal;
        this.room = room;
        this.trials = trials;
        this.readyTasks = new ReadyTasks(limits, journal);
        this.copies = new Copies(outbox);
        this.roomWatch = new RoomWatch(core, room);
        this.line = new WorkerLine(trials, idle, copies, roomWatch);
        this.preemption = new Preemption(core.timers(), outbox, readyTasks, line::open);
        SpareWorkers spare = new SpareWorkers(core, journal, room, idle, copies);
        this.tail = new Tail(core, readyTasks, spare, copies, copyGrants);
    }

    void join(WorkerView worker) {
        fleet.add(worker);
        room.join();
        preemption.join(worker);
        offer(worker);
    }

    void leave(WorkerView worker) {
        fleet.remove(worker);
        room.leave(worker);
        preemption.leave(worker);
        line.leave(worker);
    }

    /** The worker may have become hungry, or idle. */
    void offer(WorkerView worker) {
        line.offer(worker);
    }

    /** A plain worker that was asked to leave and runs nothing, each once; null if there is none. */
    @Nullable
    WorkerView pollLeaver() {
        return line.pollLeaver();
    }

    /** Whether a lease can be cut of the task may have changed. */
    void refresh(TaskState task) {
        boolean leasable = task.isLeasable(limits);
        if (leasable && !task.place.isReady()) {
            readyTasks.add(task, outbox.nowMs());
            line.open(task);
        } else if (!leasable) {
            readyTasks.withdraw(task);
        }
        tail.refresh(task);
        trials.refresh(task).forEach(this::offer);
    }

    /** The task has another priority from now on, where it waits and where workers hold something of it. */
    void reprioritize(TaskState task, TaskSpec spec) {
        readyTasks.remove(task);
        trials.reorder(task, () -> task.spec = spec);
        readyTasks.reprioritized(task, outbox.nowMs());
        preemption.reprioritized(task);
        refresh(task);
    }

    void end(TaskState task) {
        readyTasks.end(task);
        tail.refresh(task);
        trials.refresh(task).forEach(this::offer);
    }

    /** The tasks of which a lease can be cut now, those first that are served first. */
    Iterable<TaskState> readyInOrder() {
        return readyTasks.inOrder();
    }

    /**
     * What the worker holds unstarted, and was not asked for, though work of higher rank has been ready for it for as long as
     * that is left in its way, and waits neither for the store nor for memory. For tests.
     */
    List<Lease> keptFromHigher(WorkerView worker) {
        TaskState first = worker.mayGetMore() && !room.isScarce() ? readyTasks.firstFor(worker) : null;
        boolean isWaiting = first != null && outbox.nowMs() - first.place.readySinceMs() >= Limits.PREEMPTION_WAIT_MS;
        return first != null && isWaiting ? preemption.kept(worker, first) : List.of();
    }

    /**
     * The same of tasks that have begun, of the same rank as one that waited for its first subtask for as long as equals may
     * be in its way. For tests.
     */
    List<Lease> keptFromNewcomer(WorkerView worker) {
        List<Lease> kept = new ArrayList<>();
        if (!worker.mayGetMore() || room.isScarce() || journal.isFull()) {
            return kept;
        }
        for (TaskState task : readyTasks.inOrder()) {
            if (worker.takes(task.spec.type())) {
                kept.addAll(preemption.keptFromNewcomer(worker, task));
            }
        }
        return kept;
    }

    /** What is not started and could be moved to the worker instead of giving it a copy. For tests. */
    List<Lease> movableTo(WorkerView worker) {
        return tail.movableTo(worker);
    }

    /** How many timers run to look for what waits. For checking invariants. */
    int deadlines() {
        return preemption.deadlines() + roomWatch.deadlines();
    }

    /** Whether it is idle, or should not be: for checking invariants. */
    boolean isServed(WorkerView worker) {
        if (journal.isFull()) {
            return !worker.idle.isIdle() || worker.isHungry(); // Who may take a lease waits for the store.
        }
        TaskState first = readyTasks.firstFor(worker);
        if (worker.room.isAwaited()) {
            return !worker.idle.isIdle() && !room.isOpenTo(worker);
        }
        boolean isKeptFrom = first != null && (worker.idle.isIdle() || worker.letsIn(first.rank()));
        return worker.isHungry() == worker.idle.isIdle() && !isKeptFrom;
    }

    /** To be called before {@link #next} is asked, when all that happened is known. */
    void startTurn() {
        journal.updateHeldBack(refreshTask);
        trials.startTurn();
    }

    /** To be called when {@link #next} has nothing more. */
    void endTurn() {
        if (!journal.isFull()) {
            preemption.watch();
        }
        roomWatch.watch();
    }

    /** What is to be granted next, before this is asked again; null if there is nothing more in this turn. */
    @Nullable
    Grant next() {
        while (!journal.isFull()) {
            WorkerView worker = line.poll();
            if (worker == null) {
                return null;
            }
            roomWatch.stopWaiting(worker);
            Grant grant = choose(worker);
            if (grant != null) {
                return grant;
            }
        }
        return null;
    }

    /** What the worker gets now; null if it is idle, or has enough, or waits for something. */
    private @Nullable Grant choose(WorkerView worker) {
        TaskState task = worker.isKept() || worker.isHungry() ? readyTasks.firstFor(worker) : null;
        if (task != null && worker.letsIn(task.rank())) {
            trials.release(worker);
            if (worker.runsTrial()) {
                idle.remove(worker);
                return roomWatch.makeFor(worker, task) ? cut(worker, task) : null;
            }
        }
        if (!worker.isHungry()) {
            idle.remove(worker);
            return null;
        }
        Trials.Suspect suspect = firstSuspect(worker, task);
        if (suspect != null) {
            idle.remove(worker);
            return tryAlone(worker, suspect);
        }
        if (task == null) {
            idle.add(worker);
            tail.offer(worker);
            return null;
        }
        idle.remove(worker);
        return roomWatch.makeFor(worker, task) ? cut(worker, task) : null;
    }

    /** The suspect that the worker gets, or is kept free for; null if there is none, or other work comes first. */
    private Trials.@Nullable Suspect firstSuspect(WorkerView worker, @Nullable TaskState other) {
        trials.release(worker);
        Trials.Suspect suspect = trials.firstFor(worker);
        return suspect == null || other != null && other.rank() > suspect.rank(outbox.nowMs(), limits) ? null : suspect;
    }

    /** Gives the worker a suspect, or, while it has something else, keeps it free for that. */
    private @Nullable Grant tryAlone(WorkerView worker, Trials.Suspect suspect) {
        if (worker.creditUsed() > 0) {
            trials.reserve(worker, suspect);
            copies.cancelAll(worker);
            offer(worker);
            return null;
        }
        TaskState task = suspect.task();
        trials.begin(worker, suspect);
        readyTasks.enter(task);
        readyTasks.remove(task);
        Cut cut = task.cutSuspect(suspect.chunk(), suspect.index(), outbox.nowMs());
        return new Grant(worker, task, cut, Grant.Kind.TRIAL);
    }

    /** Whether the worker would get something if nothing that it holds were in the way. For tests. */
    boolean hasReadyFor(WorkerView worker) {
        return readyTasks.hasFor(worker);
    }

    /** Takes what is ready of the task for a worker, as much as it should get; null if it has enough. */
    private @Nullable Grant cut(WorkerView worker, TaskState task) {
        long nextIndex = task.indexes.nextIndex();
        Pace pace = worker.known.paceIn(task);
        long appetite = worker.appetite(pace, nextIndex, limits);
        if (appetite == 0) {
            worker.aim(pace, nextIndex, limits);
            offer(worker);
            return null;
        }
        if (worker.runsTrial()) {
            appetite = Math.min(appetite, worker.idleSlots()); // Nothing waits behind a trial.
        }
        long share = task.indexes.pending() / (2L * Math.max(1, fleet.thatTake(task.spec.type())));
        long mostSubtasks = worker.plain ? 1 : Math.max(1, Math.min(appetite, share));
        readyTasks.remove(task);
        return new Grant(worker, task, task.cut(mostSubtasks, outbox.nowMs()), Grant.Kind.USUAL);
    }

    /** The worker has the lease. */
    void granted(Lease lease, Grant.Kind kind) {
        WorkerView worker = lease.worker;
        TaskState task = lease.task;
        readyTasks.charge(task, lease.unanswered.size() * lease.pace.subtaskMs());
        if (kind != Grant.Kind.COPY) {
            copies.makeRoom(worker);
        }
        preemption.granted(lease);
        if (kind == Grant.Kind.USUAL) {
            worker.aim(worker.known.paceIn(task), lease.from, limits);
        }
        refresh(task);
        if (kind == Grant.Kind.TRIAL) {
            trials.reopen(task);
        }
        offer(worker);
    }
}
