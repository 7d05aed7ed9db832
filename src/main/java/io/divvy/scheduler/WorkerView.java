package io.divvy.scheduler;

import io.divvy.scheduler.Event.WorkerJoined;
import io.divvy.scheduler.Quarantine.Subtask;
import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connected worker: who it is, what it holds, and what each part of the core keeps of it, which only that part changes. */
final class WorkerView {
    /** It has not answered anything since it connected. */
    static final int NEWCOMER = 0;

    /** It has answered a subtask. */
    static final int PROVEN = 1;

    /** It has done {@link Quarantine#isGoodWork good work}. */
    static final int VETERAN = 2;

    final WorkerId id;
    final WorkerIdentity identity;
    final String name;
    final boolean plain;
    final int slots;
    final int credit;
    /** Null for anything. */
    @Nullable
    final Set<String> taskTypes;

    final boolean acks;
    /** The same on each connection of one life; null if it did not say. */
    @Nullable
    final String instance;

    final long joinedMs;

    final OpenLeases leases = new OpenLeases();

    final WorkerRoom.Account room;
    /** Hears of the unanswered ranges of its open leases. */
    final IndexRanges.Tally rangesOfLeases;

    final KnownTasks known;
    final EndedLeases ended;
    final Headway headway;
    final Revokes revokes = new Revokes();
    final Copies.OfWorker copies = new Copies.OfWorker();
    final Workers.Signs signs;
    final Quarantine.Stay quarantine = new Quarantine.Stay();
    final HoldWatch.Watch holds = new HoldWatch.Watch();
    final WorkerLine.Place line = new WorkerLine.Place();
    final IdleQueue.Place idle = new IdleQueue.Place();
    final Takers.Place takers = new Takers.Place();
    final Trials.Duty trials = new Trials.Duty();
    final Preemption.Marks preemption = new Preemption.Marks();
    final Tail.Promise tail = new Tail.Promise();

    private final Set<String> derives;
    private final long heartbeatMs;

    private boolean drains;
    private boolean isAskedToDrain;
    private boolean brokeProtocol;

    private @Nullable Subtask brokeWith;

    private boolean gone;
    /** How much it should hold of what it was last given. */
    private long target;

    private long creditUsed;
    /** Answered with a result. */
    private long subtasksDone;

    /** The lease of a suspect that it holds: it was alone when it got that, and gets only what ranks higher. */
    private @Nullable Lease trial;

    WorkerView(WorkerJoined joined, long nowMs, long peerMs, WorkerRoom room) {
        this.room = room.open();
        this.rangesOfLeases = ranges -> this.room.change(ranges * SubtaskBytes.RANGE);
        this.id = joined.worker();
        this.identity = joined.identity();
        this.name = identity.name();
        WorkerTerms terms = joined.terms();
        this.plain = terms.plain();
        this.slots = terms.slots();
        this.credit = terms.credit();
        this.taskTypes = terms.taskTypes();
        this.derives = terms.derives();
        this.acks = terms.acks();
        this.instance = terms.instance();
        this.heartbeatMs = terms.heartbeatMs();
        this.joinedMs = nowMs;
        this.signs = new Workers.Signs(nowMs, peerMs);
        this.headway = new Headway(peerMs);
        this.known = new KnownTasks(slots, this.room);
        this.ended = new EndedLeases(this.room);
        this.target = Math.min(credit, 2L * slots);
    }

    /** It says that it drains: it takes nothing new and gives back what it has not started. */
    void drain() {
        drains = true;
    }

    /** It is asked to drain. Until it says that it does, it runs what it has, and can die of it. */
    void askToDrain() {
        isAskedToDrain = true;
    }

    boolean isAskedToDrain() {
        return isAskedToDrain;
    }

    /** Whether it gets no more leases, for good. */
    boolean isDraining() {
        return drains || isAskedToDrain;
    }

    /** It said something that ends its connection. What else it runs does not kill it. */
    void breakProtocol() {
        brokeProtocol = true;
    }

    /** That was for a subtask. */
    void breakProtocolWith(Subtask subtask) {
        brokeWith = subtask;
    }

    boolean hasBrokenProtocol() {
        return brokeProtocol;
    }

    /** The subtask that the last message was for that broke the protocol and ended its connection, if it was for one. */
    @Nullable
    Subtask brokeProtocolWith() {
        return brokeWith;
    }

    /** Whether it can have died of what it runs when its connection ends: not if it said why that would be. */
    boolean canDie() {
        return !drains && !brokeProtocol;
    }

    void leave() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** What is known of it: the better it is, the more its death says of what it ran. */
    int standing() {
        if (subtasksDone == 0) {
            return NEWCOMER;
        }
        return Quarantine.isGoodWork(subtasksDone, signs.lastSeenMs() - joinedMs) ? VETERAN : PROVEN;
    }

    long subtasksDone() {
        return subtasksDone;
    }

    boolean takes(String taskType) {
        return taskTypes == null || taskTypes.contains(taskType);
    }

    WorkerSnapshot snapshot() {
        WorkerSnapshot.Draft snapshot = new WorkerSnapshot.Draft(id, name);
        snapshot.plain = plain;
        snapshot.slots = slots;
        snapshot.credit = credit;
        snapshot.creditInUse = creditUsed;
        snapshot.taskTypes = taskTypes;
        snapshot.derives = derives;
        snapshot.draining = isDraining();
        snapshot.quarantinedUntilMs = quarantine.isOn() ? quarantine.untilMs() : null;
        snapshot.openLeases = leases.size();
        snapshot.joinedMs = joinedMs;
        snapshot.lastSeenMs = signs.lastSeenMs();
        snapshot.subtasksDone = subtasksDone;
        return snapshot.finish();
    }

    boolean derivesPayloadsOf(TaskState task) {
        return task.spec.derivable() && derives.contains(task.spec.type()) && !known.isDeclined(task);
    }

    void forget(TaskState task) {
        known.forget(task);
        headway.repayFor(task);
    }

    /** What is there because of it, counted anew. For checking invariants. */
    long countBytes() {
        long ranges = leases.values().stream()
                .mapToLong(lease -> lease.unanswered.rangeCount())
                .sum();
        return leases.size() * WorkerRoom.LEASE_BYTES
                + ranges * SubtaskBytes.RANGE
                + ended.countBytes()
                + known.countBytes();
    }

    /** Whether it could be told anew what the task is if it gets something of it again: it owes nothing of it. */
    boolean canForget(TaskState task) {
        return known.canForget(task) && !headway.owesFor(task) && task.owesNothingToItsWorkers();
    }

    void addLease(Lease lease) {
        room.change(WorkerRoom.LEASE_BYTES);
        leases.grant(lease);
        creditUsed += lease.unanswered.size();
        if (creditUsed > credit) {
            lease.task.indexes.note(name + " holds " + creditUsed + " subtasks, and takes no more than " + credit);
        }
        lease.pace.take(lease.unanswered.size());
        if (lease.isTrial) {
            trial = lease;
        }
        if (lease.isSpeculative && !plain) {
            copies.add(lease);
        }
    }

    /** Nobody else runs what it has a copy of. */
    void keepCopy(Lease copy) {
        copy.isSpeculative = false;
        copies.remove(copy);
    }

    void removeLease(Lease lease) {
        leases.remove(lease.number);
        lease.unanswered.leaveTally();
        room.change(-WorkerRoom.LEASE_BYTES);
        if (lease.isSpeculative) {
            copies.remove(lease);
        }
        if (trial == lease) {
            trial = null;
        }
    }

    /** The lease that the worker started first, and so works on, or null. */
    @Nullable
    Lease oldestAssigned() {
        for (Lease open : leases.values()) {
            if (open.isAssigned) {
                return open;
            }
        }
        return null;
    }

    /** How many more subtasks it could run right now. */
    long idleSlots() {
        return Math.max(0, Math.min(slots, credit) - creditUsed);
    }

    /** Subtasks that it holds unanswered. */
    long creditUsed() {
        return creditUsed;
    }

    void freeCredit(long subtasks) {
        creditUsed -= subtasks;
    }

    /**
     * Whether it should get another lease. A worker with open work waits until half of what it should hold is free, so
     * that single answers do not shrink leases to one; but no slot stays idle for that. While it is kept for a suspect it
     * gets nothing else, so that its death would tell which subtask is the poison; but see {@link #letsIn}.
     */
    boolean isHungry() {
        return mayGetMore() && !isKept() && creditUsed < credit && (creditUsed < slots || 2 * creditUsed <= target);
    }

    /** Whether nothing but its credit keeps it from another lease, or a suspect that it is kept free for. */
    boolean mayGetMore() {
        return isServable() && trial == null;
    }

    private boolean isServable() {
        return !gone && !brokeProtocol && !isDraining() && !headway.owes() && !quarantine.isOn();
    }

    /** Whether it runs a suspect on trial, or finishes what it has to do so. */
    boolean isKept() {
        return trial != null || creditUsed > 0 && trials.isReserved();
    }

    boolean runsTrial() {
        return trial != null;
    }

    /** Whether work of that rank gets one of its idle slots though it is kept for a suspect. */
    boolean letsIn(int rank) {
        return rank > trials.rank() && isKept() && idleSlots() > 0 && isServable();
    }

    /** How long it may be silent before it is taken for gone, by the time that peers had. */
    long longestSilenceMs(Limits limits) {
        return limits.missedHeartbeats() * heartbeatMs;
    }

    /** Whether it will be taken for gone as soon as somebody looks. A plain worker is never silent. */
    boolean isSilent(Limits limits, long peerMs) {
        return !plain && signs.heardPeerMs() + longestSilenceMs(limits) <= peerMs;
    }

    /**
     * How many more subtasks of a task it should get: what its {@link Pace} in that task allows, and of all together what keeps
     * it busy for a while, never fewer than one a slot, never more than its credit. 0 if it has enough.
     *
     * @param nextIndex the one that it would get first
     */
    long appetite(Pace pace, long nextIndex, Limits limits) {
        return Math.max(0, Math.min(pace.room(slots, nextIndex, limits), target(pace, nextIndex, limits) - creditUsed));
    }

    /** How much it should hold of all tasks together while the one of this pace is served. */
    private long target(Pace pace, long nextIndex, Limits limits) {
        return revokes.areIgnored()
                ? Math.min(credit, slots)
                : (long) Math.min(
                        credit, Math.max((double) pace.most(slots, nextIndex, limits), pace.perBusyMs(limits)));
    }

    /** It was given something of the task of this pace, or nothing because it has enough of it. */
    void aim(Pace pace, long nextIndex, Limits limits) {
        boolean hasEnough = pace.room(slots, nextIndex, limits) <= 0;
        target = hasEnough ? creditUsed : target(pace, nextIndex, limits);
    }

    /** Until it is given something again, it is to hold no more than that. */
    void holdsEnough(long subtasks) {
        target = subtasks;
    }

    /** Learns from answers of a lease how fast it is. */
    void measure(Lease lease, long subtasks, long peerMs) {
        subtasksDone += subtasks;
        lease.pace.measure(subtasks, headway.movedPeerMs(), peerMs);
    }

    /** Unanswered parts that a lease of it may have. */
    int mostGaps() {
        return room.mostGaps(slots);
    }

    /** Leases with something unstarted that it was not asked for yet, and can be. For tests. */
    List<Lease> askable() {
        List<Lease> askable = new ArrayList<>();
        long before = 0;
        for (Lease lease : leases.values()) {
            if (lease.unstartedBehind(before) > 0 && lease.isRevocable()) {
                askable.add(lease);
            }
            before += lease.unanswered.size();
        }
        return askable;
    }

    /** How many subtasks of its lease it cannot have started. */
    long unstarted(Lease lease) {
        long before = 0;
        for (Lease open : leases.values()) {
            if (open == lease || before >= slots) {
                break; // What is behind them cannot have been started, however many there are.
            }
            before += open.unanswered.size();
        }
        return lease.unstartedBehind(before);
    }

    void remember(Lease lease, int atMost) {
        ended.add(lease, atMost);
        if (plain && lease.isAssigned) {
            headway.owe(lease);
        }
    }

    /** The task of an open or ended lease that all of {@code [from, to)} belongs to, or null. */
    @Nullable
    TaskId taskOf(long leaseNumber, long from, long to) {
        Lease open = leases.get(leaseNumber);
        if (open != null) {
            return open.covers(from, to) ? open.task.spec.id() : null;
        }
        EndedLeases.Ended late = ended.find(leaseNumber);
        return late != null && late.covers(from, to) ? late.task() : null;
    }
}
