package io.divvy.scheduler;

import io.divvy.scheduler.Event.WorkerJoined;
import io.divvy.scheduler.Quarantine.Subtask;
import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the core knows of one connected worker. */
final class WorkerView {
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

    final long heartbeatMs;
    final long joinedMs;
    /** It does not take anything now, whatever is known of it. */
    static final int NO_TAKER = -1;

    /** It has not answered anything since it connected. */
    static final int NEWCOMER = 0;

    /** Types of which its speed is known however short memory is. */
    private static final int PACES_KEPT = 8;

    /** It has answered a subtask. */
    static final int PROVEN = 1;

    /** It has done {@link Quarantine#isGoodWork good work}. */
    static final int VETERAN = 2;

    /** Open leases, the oldest first. */
    final Map<Long, Lease> leases = new LinkedHashMap<>();
    /** Those of {@link #leases} that are copies and can be cancelled, the oldest first. */
    final Set<Lease> copies = new LinkedHashSet<>(4);
    /**
     * Leases of which it was asked to give something back, and has not answered; they may be closed by now. With when that
     * was, by the time that peers had.
     */
    final Map<Long, Long> revokedLeases = new LinkedHashMap<>();
    /** Tasks that were described to it and that it was not told to forget, and how it gets on with each. */
    final Map<TaskState, Pace> knownTasks = new LinkedHashMap<>();

    private final Set<String> derives;
    /** Tasks that it cannot derive the payloads of. */
    private final Set<TaskState> declined = new HashSet<>();

    /**
     * The last {@link Limits#expiredLeases} leases that ended unanswered, the oldest first. Each takes 105 bytes of the heap, or
     * 200 where no other has its task's id (measured), so a session takes up to 0.2 MB for them, and fewer are remembered
     * where {@link WorkerRoom} is short.
     *
     * <p>Fewer for a worker that holds little would be wrong: it may get and lose any number of leases while its answers are
     * under way. What a worker answers of a forgotten one is refused and does not count, which costs it no attempt.
     */
    private final LinkedHashMap<Long, EndedLease> endedLeases = new LinkedHashMap<>();

    private final WorkerRoom room;
    /** Hears of the unanswered ranges of its open leases. */
    final IndexRanges.Tally rangesOfLeases = ranges -> charge(ranges * SubtaskBytes.RANGE);
    /** What it is charged there. */
    private long chargedBytes;

    private final LastUsed<String, TypePace> paces = new LastUsed<>(Limits.REMEMBERED);

    /** It said that it drains: it takes nothing new and gives back what it has not started. */
    boolean draining;
    /** It was asked to drain. Until it says that it does, it runs what it has, and can die of it. */
    boolean drainRequested;

    /** It said something that ended its connection. What else it ran did not kill it. */
    boolean brokeProtocol;

    /** The subtask that the last message was for that broke the protocol and ended its connection, if it was for one. */
    @Nullable
    Subtask brokeWith;

    /** Set while it gets nothing because workers of its name died. */
    @Nullable
    Timer quarantine;

    /** What it finishes the rest of its work for, or null. */
    @Nullable
    SubtaskHistory reservedFor;

    /** The task of that subtask. */
    @Nullable
    TaskState reservedIn;

    /** By this the suspect ranks that it is kept for: what ranks higher gets its idle slots all the same. */
    int keptForRank;

    /** Whether {@link Trials} finds it among those that are kept for a suspect. */
    boolean countedAsKept;

    /** How {@link Takers} counts it: its standing, or {@link #NO_TAKER}. */
    int countedStanding = NO_TAKER;

    /** Whether it is counted as a newcomer that holds something. */
    boolean countedAsStarter;

    boolean gone;
    /** Whether it waits in line for its next lease. */
    boolean inTurn;

    /** Whether it would get a lease if there were room for it. */
    boolean waitsForRoom;

    boolean isIdle;
    /** Whether it is idle among those with a free slot. */
    boolean idlesWithFreeSlot;
    /** Whether {@link Copies} knows that it runs some that it was not asked to stop. */
    boolean isCopying;
    /** Whether it ever released a lease because it was cancelled, so that it can be relied on to do so. */
    boolean cancelsLeases;
    /** No lease that it holds is of a task of lower rank; it may be that none is of one so low. */
    int lowestRank = Integer.MAX_VALUE;
    /** When {@link Preemption} is to look at its leases; {@link Timers#NEVER} if nothing of them may have to overtake others. */
    long overtakingDueMs = Timers.NEVER;
    /** When {@link Preemption} last asked it to give something back for a ready task, by the time that peers had. */
    long askedToMakeWayPeerMs = Long.MIN_VALUE / 2;
    /** The last look of {@link Preemption} in which it made way for a task. */
    long makesWayInLook;
    /** Until then it gets no copy: another worker was asked to give something back for it. */
    long promisedUntilMs = Long.MIN_VALUE;

    long lastSeenMs;
    /** The same by the time that peers had. */
    long heardPeerMs;
    /** When any of its leases last moved on, by the time that peers had. */
    long movedPeerMs;
    /**
     * The lease that it stands still on, or for a plain worker any that ended without its answer. It gets nothing new until
     * it shows that it goes on.
     */
    @Nullable
    Long owedLease;

    /** The task of that lease; null for a plain worker, which is not told to drop anything and may owe an answer for ever. */
    @Nullable
    private TaskState owedTask;

    @Nullable
    Timer heartbeatTimer;

    /** When {@link HoldWatch} looks at what it holds; set while it holds something. */
    @Nullable
    Timer holdTimer;

    /** Whether it let a revoke go unanswered: it gets nothing that would wait at it. */
    boolean ignoresRevoke;
    /** How much it should hold of what it was last given. */
    private long target;

    private long creditUsed;
    /** Answered with a result. */
    private long subtasksDone;

    /** The lease of a suspect that it holds: it was alone when it got that, and gets only what ranks higher. */
    @Nullable
    private Lease trial;

    /** A lease that ended before it was answered: what a late answer needs, and nothing that its task grew to. */
    record EndedLease(TaskId task, long from, long to) {
        boolean covers(long answeredFrom, long answeredTo) {
            return from <= answeredFrom && answeredFrom < answeredTo && answeredTo <= to;
        }
    }

    WorkerView(WorkerJoined joined, long nowMs, long peerMs, WorkerRoom room) {
        this.room = room;
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
        this.lastSeenMs = nowMs;
        this.heardPeerMs = peerMs;
        this.movedPeerMs = peerMs;
        this.target = Math.min(credit, 2L * slots);
    }

    /** Whether it gets no more leases, for good. */
    boolean isDraining() {
        return draining || drainRequested;
    }

    boolean isQuarantined() {
        return quarantine != null;
    }

    /** Whether it finishes what it has, to run a suspect alone. */
    boolean isReserved() {
        return reservedFor != null && reservedFor.awaitsTrial;
    }

    /** What is known of it: the better it is, the more its death says of what it ran. */
    int standing() {
        if (subtasksDone == 0) {
            return NEWCOMER;
        }
        return Quarantine.isGoodWork(subtasksDone, lastSeenMs - joinedMs) ? VETERAN : PROVEN;
    }

    /** Whether it could take something now. */
    boolean isTaker() {
        return countedStanding != NO_TAKER;
    }

    long subtasksDone() {
        return subtasksDone;
    }

    boolean takes(String taskType) {
        return taskTypes == null || taskTypes.contains(taskType);
    }

    WorkerSnapshot snapshot() {
        return new WorkerSnapshot(
                id,
                name,
                plain,
                slots,
                credit,
                creditUsed,
                taskTypes,
                derives,
                isDraining(),
                quarantine == null ? null : quarantine.dueMs(),
                leases.size(),
                joinedMs,
                lastSeenMs,
                subtasksDone);
    }

    boolean derivesPayloadsOf(TaskState task) {
        return task.spec.derivable() && derives.contains(task.spec.type()) && !declined.contains(task);
    }

    /** Returns whether that is new. */
    boolean decline(TaskState task) {
        return knownTasks.containsKey(task) && declined.add(task);
    }

    /** For checking invariants: what it keeps does not grow with the tasks that it ever saw. */
    boolean declinedOnlyKnownTasks() {
        return knownTasks.keySet().containsAll(declined);
    }

    void forget(TaskState task) {
        if (knownTasks.remove(task) != null) {
            charge(-WorkerRoom.KNOWN_TASK_BYTES);
        }
        declined.remove(task);
        repayFor(task);
    }

    /** So many bytes more that are there because of it, or less. */
    void charge(long by) {
        if (!gone) {
            chargedBytes += by;
            room.change(by);
        }
    }

    /** What is there because of it, beside what there is of a worker that never had a lease. */
    long chargedBytes() {
        return chargedBytes;
    }

    /** The same, counted anew. For checking invariants. */
    long countBytes() {
        long ranges = leases.values().stream()
                .mapToLong(lease -> lease.unanswered.rangeCount())
                .sum();
        return leases.size() * WorkerRoom.LEASE_BYTES
                + ranges * SubtaskBytes.RANGE
                + endedLeases.size() * WorkerRoom.ENDED_LEASE_BYTES
                + knownTasks.size() * WorkerRoom.KNOWN_TASK_BYTES
                + paces.size() * WorkerRoom.PACE_BYTES;
    }

    /** Unanswered parts that a lease of it may have. */
    int mostGaps() {
        return room.mostGaps(this);
    }

    /** Forgets the lease that ended first of those that it remembers. Returns whether there was one. */
    boolean forgetEnded() {
        if (endedLeases.isEmpty()) {
            return false;
        }
        endedLeases.remove(endedLeases.keySet().iterator().next());
        charge(-WorkerRoom.ENDED_LEASE_BYTES);
        return true;
    }

    /** Forgets how it gets on with the type that it had last of those that it knows, but for a few. */
    boolean forgetPace() {
        if (paces.size() <= PACES_KEPT) {
            return false;
        }
        paces.removeOldest();
        charge(-WorkerRoom.PACE_BYTES);
        return true;
    }

    /** The tasks that it was told of first, or looked at the longest ago to forget them. Each look is at others. */
    List<TaskState> knownToForget(int most) {
        List<TaskState> oldest = knownTasks.keySet().stream().limit(most).toList();
        for (TaskState task : oldest) {
            Pace pace = knownTasks.remove(task);
            if (pace != null) {
                knownTasks.put(task, pace);
            }
        }
        return oldest;
    }

    /** Whether it could be told anew what the task is if it gets something of it again: it owes nothing of it. */
    boolean canForget(TaskState task) {
        Pace pace = knownTasks.get(task);
        return pace != null
                && pace.held() == 0
                && !declined.contains(task)
                && owedTask != task
                && task.owesNothingToItsWorkers();
    }

    void addLease(Lease lease) {
        charge(WorkerRoom.LEASE_BYTES);
        leases.put(lease.number, lease);
        useCredit(lease.unanswered.size());
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
        charge(-WorkerRoom.LEASE_BYTES);
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

    /** Copies that it was not asked to stop. */
    long copied() {
        long copied = 0;
        for (Lease copy : copies) {
            copied += copy.isCancelled ? 0 : copy.unanswered.size();
        }
        return copied;
    }

    /** How many of its slots copies may have beside what else it holds. */
    long slotsForCopies() {
        long others = creditUsed;
        for (Lease copy : copies) {
            others -= copy.unanswered.size();
        }
        return Math.max(0, slots - others);
    }

    private void useCredit(long subtasks) {
        creditUsed += subtasks;
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
        return !gone && !brokeProtocol && !isDraining() && owedLease == null && quarantine == null;
    }

    /** Whether it runs a suspect on trial, or finishes what it has to do so. */
    boolean isKept() {
        return trial != null || creditUsed > 0 && isReserved();
    }

    boolean runsTrial() {
        return trial != null;
    }

    /** Whether work of that rank gets one of its idle slots though it is kept for a suspect. */
    boolean letsIn(int rank) {
        return rank > keptForRank && isKept() && idleSlots() > 0 && isServable();
    }

    /** Whether it was asked to give something back for a ready task and may be about to do so: its answer is under way. */
    boolean isAskedToMakeWay(long peerMs) {
        return peerMs - askedToMakeWayPeerMs < Limits.PREEMPTION_WAIT_MS && !revokedLeases.isEmpty() && !ignoresRevoke;
    }

    /** How long it may be silent before it is taken for gone, by the time that peers had. */
    long longestSilenceMs(Limits limits) {
        return limits.missedHeartbeats() * heartbeatMs;
    }

    /** Whether it will be taken for gone as soon as somebody looks. A plain worker is never silent. */
    boolean isSilent(Limits limits, long peerMs) {
        return !plain && heardPeerMs + longestSilenceMs(limits) <= peerMs;
    }

    /** Makes a task known to it. Returns whether that is new. */
    boolean meet(TaskState task) {
        if (knownTasks.containsKey(task)) {
            return false;
        }
        knownTasks.put(task, newPace(task));
        charge(WorkerRoom.KNOWN_TASK_BYTES);
        return true;
    }

    /** How it gets on with the task. A plain worker never holds more than one subtask, however that is. */
    Pace paceIn(TaskState task) {
        Pace pace = knownTasks.get(task);
        return pace == null ? newPace(task) : pace;
    }

    private Pace newPace(TaskState task) {
        TypePace ofType = paces.get(task.spec.type());
        if (ofType == null) {
            ofType = new TypePace(slots);
            int before = paces.size();
            paces.put(task.spec.type(), ofType);
            charge((paces.size() - before) * WorkerRoom.PACE_BYTES);
        }
        return new Pace(ofType);
    }

    /**
     * How many more subtasks of a task it should get: what {@link Pace} allows of that task, and of all together what keeps
     * it busy for a while, never fewer than one a slot, never more than its credit. 0 if it has enough.
     *
     * @param nextIndex the one that it would get first
     */
    long appetite(TaskState task, long nextIndex, Limits limits) {
        Pace pace = paceIn(task);
        return Math.max(0, Math.min(pace.room(slots, nextIndex, limits), target(pace, nextIndex, limits) - creditUsed));
    }

    /** How much it should hold of all tasks together while the one of this pace is served. */
    private long target(Pace pace, long nextIndex, Limits limits) {
        return ignoresRevoke
                ? Math.min(credit, slots)
                : (long) Math.min(
                        credit, Math.max((double) pace.most(slots, nextIndex, limits), pace.perBusyMs(limits)));
    }

    /** It was given something of the task, or nothing because it has enough of it. */
    void aim(TaskState task, long nextIndex, Limits limits) {
        Pace pace = paceIn(task);
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
        lease.pace.measure(subtasks, movedPeerMs, peerMs);
    }

    /** Milliseconds of this worker that a subtask of the type costs; 1 while that is not known. */
    double subtaskMs(String taskType) {
        TypePace pace = paces.get(taskType);
        return pace == null || pace.subtasksPerMs() <= 0 ? 1 : 1 / pace.subtasksPerMs();
    }

    int rememberedPaces() {
        return paces.size();
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

    void owe(Lease lease) {
        owedLease = lease.number;
        owedTask = plain ? null : lease.task;
    }

    void repay() {
        owedLease = null;
        owedTask = null;
    }

    /** It was told to drop what it has of the task, so it will not answer. Dialect 1 has no such message. */
    void repayFor(TaskState task) {
        if (owedTask == task) {
            repay();
        }
    }

    void remember(Lease lease, int atMost) {
        endedLeases.put(lease.number, new EndedLease(lease.task.spec.id(), lease.from, lease.to));
        charge(WorkerRoom.ENDED_LEASE_BYTES);
        if (endedLeases.size() > atMost || room.isShortFor(this)) {
            forgetEnded();
        }
        if (plain && lease.isAssigned) {
            owe(lease);
        }
    }

    /** The task of an open or ended lease, or null. */
    @Nullable
    TaskId taskOf(long leaseNumber) {
        Lease open = leases.get(leaseNumber);
        if (open != null) {
            return open.task.spec.id();
        }
        EndedLease ended = endedLeases.get(leaseNumber);
        return ended == null ? null : ended.task();
    }

    boolean covers(long leaseNumber, long from, long to) {
        Lease open = leases.get(leaseNumber);
        if (open != null) {
            return open.covers(from, to);
        }
        EndedLease ended = endedLeases.get(leaseNumber);
        return ended != null && ended.covers(from, to);
    }

    @Nullable
    EndedLease endedLease(long number) {
        return endedLeases.get(number);
    }
}
