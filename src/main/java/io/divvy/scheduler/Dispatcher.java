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
 * Brings tasks and workers together. When it has run, no worker is idle that could take a lease of a ready task, unless the
 * journal is full.
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
    private final LeaseExpiry expiry;
    /** Hears of each worker that is sent a lease. */
    private final Consumer<WorkerView> sent;

    private final Journal journal;
    private final WorkerRoom room;
    private final Tail tail;
    private final Takers takers;
    private final Trials trials;
    private final ReadyTasks readyTasks = new ReadyTasks();
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
    private long lastLease;
    /** Runs while workers wait for room. */
    private @Nullable Timer roomLook;
    /** How many more of them are looked at now. */
    private int waitersLeft;

    /** What happens to a lease whose time is up. */
    interface LeaseExpiry {
        void expire(Lease lease);
    }

    Dispatcher(
            Limits limits,
            Timers timers,
            Outbox outbox,
            Journal journal,
            WorkerRoom room,
            Takers takers,
            Trials trials,
            LeaseExpiry expiry,
            Consumer<WorkerView> sent) {
        this.limits = limits;
        this.timers = timers;
        this.outbox = outbox;
        this.journal = journal;
        this.room = room;
        this.takers = takers;
        this.trials = trials;
        this.expiry = expiry;
        this.sent = sent;
        this.copies = new Copies(outbox);
        this.preemption = new Preemption(timers, outbox, readyTasks, openings::add);
        this.tail = new Tail(limits, timers, outbox, this);
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
        takers.refresh(worker);
        trials.release(worker);
        trials.refresh(worker);
    }

    /** The worker may have become hungry, or idle. */
    void offer(WorkerView worker) {
        if (worker.plain && worker.drainRequested && worker.leases.isEmpty()) {
            leavers.add(worker);
        }
        takers.refresh(worker);
        copies.refresh(worker);
        if (!worker.isTaker()) {
            trials.release(worker);
        }
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
        TaskState first = hasReadyFor(worker) && !room.isScarce() ? readyTasks.firstFor(worker) : null;
        boolean isWaiting = first != null && outbox.nowMs() - first.readySinceMs >= Limits.PREEMPTION_WAIT_MS;
        return first != null && isWaiting ? preemption.kept(worker, first) : List.of();
    }

    /** How many timers run to look for what waits. For checking invariants. */
    int deadlines() {
        return preemption.deadlines() + (roomLook == null ? 0 : 1);
    }

    /** Whether no lease ever had the number. */
    boolean neverGranted(long leaseNumber) {
        return leaseNumber < 1 || leaseNumber > lastLease;
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

    void dispatch() {
        journal.updateHeldBack(refreshTask);
        trials.startTurn();
        if (!journal.isFull()) {
            leaseAll();
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

    private void leaseAll() {
        while (!journal.isFull()) {
            WorkerView worker = next();
            if (worker == null) {
                return;
            }
            room.stopWaiting(worker);
            TaskState task = worker.isKept() || worker.isHungry() ? readyTasks.firstFor(worker) : null;
            if (task != null && worker.letsIn(task.rank())) {
                trials.release(worker);
                if (worker.runsTrial()) {
                    idle.remove(worker);
                    grantIfThereIsRoom(worker, task);
                    continue;
                }
            }
            if (!worker.isHungry()) {
                idle.remove(worker);
            } else if (startTrial(worker, task)) {
                offer(worker);
            } else if (task == null) {
                idle.add(worker);
                tail.offer(worker);
            } else {
                idle.remove(worker);
                grantIfThereIsRoom(worker, task);
            }
        }
    }

    private void grantIfThereIsRoom(WorkerView worker, TaskState task) {
        if (room.isShortFor(worker)) {
            forgetFor(worker, task);
        }
        if (room.isOpenTo(worker)) {
            grant(worker, task);
            offer(worker);
        } else {
            room.await(worker);
        }
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

    /** Gives the worker a suspect, or keeps it free for one, unless other work comes first. Returns whether it did. */
    private boolean startTrial(WorkerView worker, @Nullable TaskState other) {
        trials.release(worker);
        Trials.Suspect suspect = trials.firstFor(worker);
        if (suspect == null || other != null && other.rank() > suspect.rank(outbox.nowMs())) {
            return false;
        }
        idle.remove(worker);
        if (worker.creditUsed() > 0) {
            trials.reserve(worker, suspect);
            copies.cancelAll(worker);
            return true;
        }
        TaskState task = suspect.task();
        worker.keptForRank = suspect.trialRank(outbox.nowMs());
        readyTasks.enter(task);
        readyTasks.remove(task);
        grant(worker, task, task.cutSuspect(suspect.chunk(), suspect.index(), outbox.nowMs()), Grant.TRIAL);
        refresh(task);
        trials.reopen(task);
        return true;
    }

    @Nullable
    private WorkerView next() {
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

    /** Something better is about to come for the worker. */
    void stopCopies(WorkerView worker) {
        copies.cancelAll(worker);
    }

    /** Its copies are stopped if something is ready that it takes: what was to make way before may have gone elsewhere. */
    void stopNeedlessCopies(WorkerView worker) {
        if (worker.isCopying && hasReadyFor(worker)) {
            copies.cancelAll(worker);
        }
    }

    /** Whether the worker would get something if nothing that it holds were in the way. */
    boolean hasReadyFor(WorkerView worker) {
        return worker.mayGetMore() && !journal.isFull() && readyTasks.firstFor(worker) != null;
    }

    private void grant(WorkerView worker, TaskState task) {
        long nowMs = outbox.nowMs();
        long nextIndex = task.nextIndex();
        long appetite = worker.appetite(task, nextIndex, limits);
        if (appetite == 0) {
            worker.aim(task, nextIndex, limits);
            return;
        }
        if (worker.runsTrial()) {
            appetite = Math.min(appetite, worker.idleSlots()); // Nothing waits behind a trial.
        }
        long share = task.pending() / (2L * workersThatTake(task.spec.type()));
        long mostSubtasks = Math.max(1, Math.min(appetite, share));

        readyTasks.remove(task);
        Cut cut = task.cut(worker.plain ? 1 : mostSubtasks, nowMs);
        grant(worker, task, cut, Grant.USUAL);
        worker.aim(task, nextIndex, limits);
        refresh(task);
    }

    /** Gives an idle worker indexes that another worker holds as well; the first result counts. */
    void speculate(WorkerView worker, TaskState task, Cut cut) {
        idle.remove(worker);
        readyTasks.remove(task);
        grant(worker, task, cut, Grant.SPECULATIVE);
        refresh(task);
        offer(worker);
    }

    private enum Grant {
        USUAL,
        SPECULATIVE,
        TRIAL
    }

    private void grant(WorkerView worker, TaskState task, Cut cut, Grant kind) {
        if (!worker.plain && worker.meet(task)) {
            task.knownBy.add(worker);
            outbox.emit(new Effect.DescribeTask(worker.id, task.spec.id(), task.total()));
        }
        Lease lease = new Lease(
                ++lastLease,
                worker,
                task,
                cut.chunk(),
                cut.range(),
                kind == Grant.TRIAL,
                kind == Grant.SPECULATIVE,
                outbox.nowMs());
        readyTasks.charge(task, cut.range().size() * lease.pace.subtaskMs());
        task.addLease(lease);
        worker.addLease(lease);
        if (worker.derivesPayloadsOf(task)) {
            assign(lease, null);
        } else {
            task.preparingLease = lease.number;
            outbox.emit(new Effect.MakePayloads(task.spec.id(), lease.number, lease.from, lease.to));
        }
        if (kind != Grant.SPECULATIVE) {
            copies.makeRoom(worker);
        }
        if (worker.creditUsed() == lease.unanswered.size()) {
            worker.lowestRank = task.rank();
        } else if (worker.creditUsed() > worker.slots) {
            preemption.queued(lease);
        } else {
            worker.lowestRank = Math.min(worker.lowestRank, task.rank());
        }
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
        return idle.findWithFreeSlot(
                task.spec.type(),
                worker -> worker != but && room.isOpenTo(worker) && !worker.isSilent(limits, outbox.peerMs()));
    }

    /** Whether nothing is leased of the task until more is durable. */
    private boolean waitsForStore(TaskState task) {
        return journal.isFull() || task.unsaved.isHeldBack;
    }

    /** A worker that would stop a copy to run a subtask of the task, other than {@code but}; null if there is none. */
    @Nullable
    WorkerView findCopying(TaskState task, WorkerView but) {
        return waitsForStore(task)
                ? null
                : copies.find(
                        task.spec.type(),
                        worker ->
                                worker != but && worker.cancelsLeases && worker.mayGetMore() && room.isOpenTo(worker));
    }

    /** Sends a lease to its worker. Its time starts now: making payloads is not the worker's fault. */
    void assign(Lease lease, @Nullable Payloads payloads) {
        WorkerView worker = lease.worker;
        lease.isAssigned = true;
        lease.assignedPeerMs = outbox.peerMs();
        sent.accept(worker);
        if (worker.creditUsed() == lease.unanswered.size()) {
            worker.movedPeerMs = outbox.peerMs();
        }
        long leaseMs = leaseMs(worker, lease.task);
        if (leaseMs > 0) {
            watch(lease, outbox.nowMs() + leaseMs);
        }
        outbox.emit(new Effect.Assign(worker.id, lease.number, lease.task.spec.id(), lease.from, lease.to, payloads));
    }

    void watch(Lease lease, long dueMs) {
        lease.expiry = timers.scheduleForPeer(dueMs, () -> expiry.expire(lease));
    }

    /**
     * How long a lease may stand still, or 0 for as long as its worker lives. A plain worker shows no sign of life, so it
     * has a fixed time; others enforce the subtask's timeout themselves, and twice that means that they hang.
     */
    long leaseMs(WorkerView worker, TaskState task) {
        long hangMs = 2 * task.spec.subtaskTimeoutMs();
        if (!worker.plain) {
            return hangMs;
        }
        return hangMs == 0 ? limits.plainLeaseMs() : Math.min(limits.plainLeaseMs(), hangMs);
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
