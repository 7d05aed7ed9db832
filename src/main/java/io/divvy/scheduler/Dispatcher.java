package io.divvy.scheduler;

import io.divvy.scheduler.TaskState.Cut;
import io.divvy.scheduler.Timers.Timer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    /** So many of the tasks that a worker knows are looked at, to forget some. */
    private static final int KNOWN_TASKS_LOOKED_AT = 64;
    /** How often is looked whether something of workers that wait for room can be forgotten by now. */
    private static final long LOOK_FOR_ROOM_MS = 50;
    /** At so many of them in each look: it costs a microsecond or ten for each. */
    private static final int WAITERS_PER_LOOK = 16;

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Journal journal;
    private final WorkerRoom room;
    private final Tail tail;
    private final Trials trials;
    private final ReadyTasks readyTasks;
    private final IdleQueue idle = new IdleQueue();
    /** Workers that may take a lease now. */
    private final Deque<WorkerView> turn = new ArrayDeque<>();

    /** {@link #refresh}, made once: it is handed out in each turn. */
    private final Consumer<TaskState> refreshTask = this::refresh;

    private final Copies copies;
    private final Preemption preemption;
    /** Tasks that became ready and may find an idle worker. */
    private final Deque<TaskState> openings = new ArrayDeque<>();
    /** Those of them for which no slot was idle, or in the way only of copies. */
    private final Deque<TaskState> waiting = new ArrayDeque<>();

    /** Plain workers that were asked to leave, and run nothing. */
    private final Set<WorkerView> leavers = new LinkedHashSet<>();

    private final Map<String, Integer> workersByType = new HashMap<>();
    private int workersOfAnyType;
    /** Runs while workers wait for room. */
    private @Nullable Timer roomLook;
    /** How many more of them are looked at now. */
    private int waitersLeft;

    /** @param copyGrants hears of a copy that is to be leased at once: it is chosen when time passes, and not by {@link #next} */
    Dispatcher(CoreContext core, Journal journal, WorkerRoom room, Trials trials, Consumer<Grant> copyGrants) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.journal = journal;
        this.room = room;
        this.trials = trials;
        this.readyTasks = new ReadyTasks(journal);
        this.copies = new Copies(outbox);
        this.preemption = new Preemption(timers, outbox, readyTasks, openings::add);
        SpareWorkers spare = new SpareWorkers(core, journal, room, idle, copies);
        this.tail = new Tail(core, readyTasks, spare, copies, copyGrants);
    }

    void join(WorkerView worker) {
        count(worker, 1);
        room.join();
        preemption.join(worker);
        offer(worker);
    }

    void leave(WorkerView worker) {
        count(worker, -1);
        room.leave(worker);
        preemption.leave(worker);
        leavers.remove(worker);
        idle.remove(worker);
        copies.refresh(worker);
        trials.refresh(worker);
    }

    /** The worker may have become hungry, or idle. */
    void offer(WorkerView worker) {
        if (worker.plain && worker.drainRequested && worker.leases.isEmpty()) {
            leavers.add(worker);
        }
        copies.refresh(worker);
        trials.refresh(worker);
        if (!worker.isHungry()) {
            idle.remove(worker); // At once: its turn may only come when the journal has room again.
        }
        if (!worker.inTurn) {
            worker.inTurn = true;
            turn.add(worker);
        }
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

    /** Whether a lease can be cut of the task may have changed. */
    void refresh(TaskState task) {
        boolean leasable = task.isLeasable(limits);
        if (leasable && !task.inReadyTasks) {
            if (task.readySinceMs == Timers.NEVER) {
                task.readySinceMs = outbox.nowMs();
            }
            readyTasks.add(task, outbox.nowMs());
            openings.add(task);
        } else if (!leasable) {
            readyTasks.remove(task);
            if (task.preparingLease == 0) {
                task.readySinceMs = Timers.NEVER;
            }
        }
        tail.refresh(task);
        trials.refresh(task).forEach(this::offer);
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
        boolean isWaiting = first != null && outbox.nowMs() - first.readySinceMs >= Limits.PREEMPTION_WAIT_MS;
        return first != null && isWaiting ? preemption.kept(worker, first) : List.of();
    }

    /** How many timers run to look for what waits. For checking invariants. */
    int deadlines() {
        return preemption.deadlines() + (roomLook == null ? 0 : 1);
    }

    /** Whether it is idle, or should not be: for checking invariants. */
    boolean isServed(WorkerView worker) {
        if (journal.isFull()) {
            return !worker.isIdle || worker.isHungry(); // Who may take a lease waits for the store.
        }
        TaskState first = readyTasks.firstFor(worker);
        if (worker.waitsForRoom) {
            return !worker.isIdle && !room.isOpenTo(worker);
        }
        boolean isKeptFrom = first != null && (worker.isIdle || worker.letsIn(first.rank()));
        return worker.isHungry() == worker.isIdle && !isKeptFrom;
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
        watchRoom();
    }

    /** Nobody says when something can be forgotten: its answers become durable, or it answers. */
    private void watchRoom() {
        if (!room.isAwaited()) {
            timers.cancel(roomLook);
            roomLook = null;
        } else if (roomLook == null) {
            roomLook = timers.schedule(outbox.nowMs() + LOOK_FOR_ROOM_MS, () -> {
                roomLook = null;
                waitersLeft = WAITERS_PER_LOOK;
            });
        }
    }

    /** What is to be granted next, before this is asked again; null if there is nothing more in this turn. */
    @Nullable
    Grant next() {
        while (!journal.isFull()) {
            WorkerView worker = nextWorker();
            if (worker == null) {
                return null;
            }
            room.stopWaiting(worker);
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
                return cutIfThereIsRoom(worker, task);
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
        return cutIfThereIsRoom(worker, task);
    }

    private @Nullable Grant cutIfThereIsRoom(WorkerView worker, TaskState task) {
        if (room.isShortFor(worker)) {
            forgetFor(worker, task);
        }
        if (room.isOpenTo(worker)) {
            return cut(worker, task);
        }
        room.await(worker);
        return null;
    }

    /** Forgets what is known of the worker and can be done without, until there is room for a lease of another task. */
    private void forgetFor(WorkerView worker, TaskState next) {
        boolean hasMore = true;
        while (hasMore && room.isShortFor(worker)) {
            hasMore = worker.forgetEnded();
        }
        if (!room.isShortFor(worker)) {
            return;
        }
        for (TaskState task : worker.knownToForget(KNOWN_TASKS_LOOKED_AT)) {
            if (task != next && worker.canForget(task) && room.isShortFor(worker)) {
                worker.forget(task);
                task.knownBy.remove(worker);
                outbox.emit(new Effect.Forget(worker.id, task.spec.id()));
            }
        }
        hasMore = true;
        while (hasMore && room.isShortFor(worker)) {
            hasMore = worker.forgetPace();
        }
    }

    /** The suspect that the worker gets, or is kept free for; null if there is none, or other work comes first. */
    private Trials.@Nullable Suspect firstSuspect(WorkerView worker, @Nullable TaskState other) {
        trials.release(worker);
        Trials.Suspect suspect = trials.firstFor(worker);
        return suspect == null || other != null && other.rank() > suspect.rank(outbox.nowMs()) ? null : suspect;
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
        worker.keptForRank = suspect.trialRank(outbox.nowMs());
        readyTasks.enter(task);
        readyTasks.remove(task);
        Cut cut = task.cutSuspect(suspect.chunk(), suspect.index(), outbox.nowMs());
        return new Grant(worker, task, cut, Grant.Kind.TRIAL);
    }

    private @Nullable WorkerView nextWorker() {
        WorkerView worker = wakeForTrial();
        if (worker != null) {
            return worker;
        }
        worker = wakeForOpening();
        if (worker == null) {
            worker = turn.poll();
            if (worker != null) {
                worker.inTurn = false; // If it is idle, it stays so until there is something for it.
            }
        }
        if (worker == null) {
            worker = room.poll();
        }
        if (worker == null && waitersLeft > 0) {
            waitersLeft--;
            worker = room.pollInVain();
        }
        return worker == null ? wakeBusy() : worker;
    }

    /** The next idle worker that can take a suspect, or null. */
    @Nullable
    private WorkerView wakeForTrial() {
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
    @Nullable
    private WorkerView wakeForOpening() {
        while (!openings.isEmpty()) {
            TaskState task = openings.peek();
            if (task.inReadyTasks) {
                WorkerView worker = idle.wakeWithFreeSlot(task.spec.type());
                if (worker == null) {
                    worker = copies.find(task.spec.type(), candidate -> candidate.isIdle);
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
     * No slot is free for a task that became ready: copies make way for it. Returns the next idle worker that takes it
     * behind what it has, or null.
     */
    @Nullable
    private WorkerView wakeBusy() {
        while (!waiting.isEmpty()) {
            TaskState task = waiting.peek();
            if (task.inReadyTasks) {
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

    /** Whether the worker would get something if nothing that it holds were in the way. For tests. */
    boolean hasReadyFor(WorkerView worker) {
        return readyTasks.hasFor(worker);
    }

    /** Takes what is ready of the task for a worker, as much as it should get; null if it has enough. */
    private @Nullable Grant cut(WorkerView worker, TaskState task) {
        long nextIndex = task.nextIndex();
        long appetite = worker.appetite(task, nextIndex, limits);
        if (appetite == 0) {
            worker.aim(task, nextIndex, limits);
            offer(worker);
            return null;
        }
        if (worker.runsTrial()) {
            appetite = Math.min(appetite, worker.idleSlots()); // Nothing waits behind a trial.
        }
        long share = task.pending() / (2L * workersThatTake(task.spec.type()));
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
        if (worker.creditUsed() == lease.unanswered.size()) {
            worker.lowestRank = task.rank();
        } else if (worker.creditUsed() > worker.slots) {
            preemption.queued(lease);
        } else {
            worker.lowestRank = Math.min(worker.lowestRank, task.rank());
        }
        if (kind == Grant.Kind.USUAL) {
            worker.aim(task, lease.from, limits);
        }
        refresh(task);
        if (kind == Grant.Kind.TRIAL) {
            trials.reopen(task);
        }
        offer(worker);
    }

    private int workersThatTake(String taskType) {
        return Math.max(1, workersByType.getOrDefault(taskType, 0) + workersOfAnyType);
    }

    private void count(WorkerView worker, int change) {
        if (worker.taskTypes == null) {
            workersOfAnyType += change;
        } else {
            for (String type : worker.taskTypes) {
                workersByType.merge(type, change, (one, other) -> one + other == 0 ? null : one + other);
            }
        }
    }
}
