package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Subtasks with which workers died more than once, or for which an answer made no sense. Each is on trial: it is leased to a
 * worker that runs nothing else, so that another death would tell. Workers differ in what their failure says, so a trial goes
 * first to a proven one with which this subtask did not go wrong yet; after a while to whoever can take it, so that it does not
 * wait for one that is busy for hours.
 *
 * <p>A worker that is busy whenever its turn comes is reserved: it gets nothing new until it has nothing left, one worker for
 * one subtask, so that the others go on.
 *
 * <p>Neither keeps a slot from work of higher priority: that gets the idle slots of a worker that is reserved or runs a trial.
 * A death in such company is not a lone one. A suspect that took company down with it has its next trials to itself.
 */
final class Trials {
    /** Suspects of one task, and tasks of one type, that are looked at for one worker: whom the first do not suit, others suit. */
    private static final int LOOKED_AT = 8;

    /** Suspects that are looked at for one worker altogether. */
    private static final int LOOKED_AT_FOR_WORKER = 64;

    /** Tasks for which an idle worker is looked for in one turn. */
    private static final int OPENINGS_PER_TURN = 16;

    /** Workers that are kept for suspects, of which one is looked for that lets other work in. */
    private static final int KEPT_LOOKED_AT = 256;

    /** When more tasks wait than are looked at in one turn, the next ones are looked at so soon. */
    private static final long NEXT_LOOK_MS = 50;

    private static final Comparator<TaskState> ORDER = Comparator.comparingInt((TaskState task) -> task.spec.priority())
            .reversed()
            .thenComparingLong(task -> task.sequence);

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Takers takers;
    /** Tasks with a suspect that could be leased now. */
    private final Map<String, NavigableSet<TaskState>> byType = new HashMap<>();
    /** All of these, those first for which an idle worker was looked for the longest time ago. */
    private final Set<TaskState> waiting = new LinkedHashSet<>();
    /** Those for which an idle worker is to be looked for. */
    private final Set<TaskState> openings = new LinkedHashSet<>();

    private int openingsLeft;
    private int looksLeft;

    /** Workers that are reserved, by the task of their suspect. */
    private final Map<TaskState, Set<WorkerView>> reserved = new HashMap<>();
    /** Workers that are reserved and not empty yet, or run a trial. */
    private final WorkersByType kept = new WorkersByType();
    /** Runs while something waits: who may take it also depends on who is there, and for how long it waits. */
    private @Nullable Timer look;

    /** The place of one task. */
    static final class Place {
        /** Whether it is among the tasks of which a suspect waits for its trial. */
        private boolean isWaiting;
    }

    /** What one worker is kept free for. */
    static final class Duty {
        /** What it finishes the rest of its work for, or null. */
        private @Nullable SubtaskHistory reservedFor;
        /** The task of that subtask. */
        private @Nullable TaskState reservedIn;
        /** By this the suspect ranks: what ranks higher gets idle slots of the worker all the same. */
        private int rank;
        /** Whether it is found among those that are kept for a suspect. */
        private boolean isCounted;

        /** Whether it finishes what it has, to run a suspect alone. */
        boolean isReserved() {
            return reservedFor != null && reservedFor.awaitsTrial;
        }

        int rank() {
            return rank;
        }

        /** For checking invariants: whether what it is reserved for is still there, and waits for this worker. */
        boolean isRightFor(WorkerView worker) {
            return reservedFor == null || isReserved() && reservedFor.reservedWorker == worker;
        }
    }

    /** A subtask on trial. */
    record Suspect(TaskState task, Chunk chunk, long index, SubtaskHistory history) {
        /** By this it is served among ready tasks: its task may have nothing else, and does not age then. */
        int rank(long nowMs, Limits limits) {
            boolean isAged = nowMs - history.awaitsTrialSinceMs >= limits.longestStarvationMs();
            return isAged ? Integer.MAX_VALUE : task.rank();
        }

        /** What ranks no higher is not let in beside its trial. */
        int trialRank(long nowMs, Limits limits) {
            return history.staysAlone ? Integer.MAX_VALUE : rank(nowMs, limits);
        }
    }

    Trials(CoreContext core, Takers takers) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.takers = takers;
    }

    boolean isEmpty() {
        return byType.isEmpty();
    }

    /** Suspects of the task may have come, or gone. Returns reserved workers that are free again. */
    List<WorkerView> refresh(TaskState task) {
        boolean waits = task.mayTry();
        if (waits && (task.histories.takeNewSuspects() || !task.trials.isWaiting)) {
            openings.add(task);
        }
        if (waits != task.trials.isWaiting) {
            if (waits) {
                add(task);
                waiting.add(task);
            } else {
                remove(task);
                waiting.remove(task);
                openings.remove(task);
            }
            task.trials.isWaiting = waits;
            watch();
        }
        return reserved.isEmpty() ? List.of() : releaseIdle(task);
    }

    /** @param change of what the task is served by */
    void reorder(TaskState task, Runnable change) {
        if (task.trials.isWaiting) {
            remove(task);
        }
        change.run();
        if (task.trials.isWaiting) {
            add(task);
        }
    }

    private void add(TaskState task) {
        byType.computeIfAbsent(task.spec.type(), type -> new TreeSet<>(ORDER)).add(task);
    }

    private void remove(TaskState task) {
        NavigableSet<TaskState> sameType = byType.get(task.spec.type());
        if (sameType != null && sameType.remove(task) && sameType.isEmpty()) {
            byType.remove(task.spec.type());
        }
    }

    private void watch() {
        if (waiting.isEmpty()) {
            timers.cancel(look);
            look = null;
        } else if (look == null) {
            long delayMs = waiting.size() > OPENINGS_PER_TURN ? NEXT_LOOK_MS : Limits.TRIAL_WAIT_MS;
            look = timers.schedule(outbox.nowMs() + delayMs, () -> {
                look = null;
                openNext();
                watch();
            });
        }
    }

    private void openNext() {
        List<TaskState> next = waiting.stream().limit(OPENINGS_PER_TURN).toList();
        for (TaskState task : next) {
            waiting.remove(task);
            waiting.add(task);
        }
        openings.addAll(next);
    }

    /** A turn begins, in which some openings are looked at. */
    void startTurn() {
        openingsLeft = OPENINGS_PER_TURN;
    }

    /** The next task for whose suspects an idle worker may be found; null if there is none, or enough were looked at. */
    @Nullable
    TaskState pollOpening() {
        if (openings.isEmpty() || openingsLeft == 0) {
            return null;
        }
        openingsLeft--;
        Iterator<TaskState> first = openings.iterator();
        TaskState task = first.next();
        first.remove();
        return task;
    }

    /** Another idle worker may be found for the task. */
    void reopen(TaskState task) {
        if (task.trials.isWaiting) {
            openings.add(task);
        }
    }

    /** What the worker should be given for a trial, or null. */
    @Nullable
    Suspect firstFor(WorkerView worker) {
        if (byType.isEmpty()) {
            return null;
        }
        Suspect best = null;
        looksLeft = LOOKED_AT_FOR_WORKER;
        for (String type : worker.taskTypes == null || worker.taskTypes.size() > byType.size()
                ? byType.keySet()
                : worker.taskTypes) {
            Suspect found = worker.takes(type) ? firstFor(worker, type) : null;
            if (found != null && (best == null || ORDER.compare(found.task, best.task) < 0)) {
                best = found;
            }
            if (looksLeft <= 0) {
                break;
            }
        }
        return best;
    }

    private @Nullable Suspect firstFor(WorkerView worker, String type) {
        int looked = 0;
        for (TaskState task : byType.getOrDefault(type, EMPTY)) {
            Suspect found = firstFor(worker, task);
            looksLeft--;
            if (found != null || ++looked == LOOKED_AT || looksLeft <= 0) {
                return found;
            }
        }
        return null;
    }

    private static final NavigableSet<TaskState> EMPTY = new TreeSet<>(ORDER);

    /** The lowest suspect of the task that the worker may take now, or for which it can be reserved; or null. */
    @Nullable
    Suspect firstFor(WorkerView worker, TaskState task) {
        int looked = 0;
        for (long index : task.histories.suspectsOnTrial()) {
            looksLeft--;
            if (++looked > LOOKED_AT || !task.indexes.needs(index)) {
                return null;
            }
            SubtaskHistory history = task.histories.of(index);
            Chunk chunk = task.indexes.openChunkOf(index);
            boolean isItsTurn = worker.creditUsed() == 0 || history.reservedWorker == null;
            if (chunk != null && isItsTurn && mayTake(worker, history, task.spec.type())) {
                return new Suspect(task, chunk, index, history);
            }
        }
        return null;
    }

    private boolean mayTake(WorkerView worker, SubtaskHistory history, String type) {
        Deaths deaths = history.deaths;
        if (deaths != null && deaths.workers().size() >= limits.deathsUntilPoison()) {
            return isCredible(worker, type, deaths.sinceMs()); // Only the death of such a one would decide anything.
        }
        long sinceMs = history.awaitsTrialSinceMs;
        if (outbox.nowMs() - sinceMs >= (history.wasBroken ? Limits.WITNESS_WAIT_MS : Limits.TRIAL_WAIT_MS)) {
            return true;
        }
        if (history.hasMet(worker.identity)) {
            return isCredible(worker, type, sinceMs) && !takers.hasOther(type, WorkerView.NEWCOMER, history.met());
        }
        return history.wasBroken
                ? isCredible(worker, type, sinceMs)
                : worker.standing() >= WorkerView.PROVEN || !takers.hasOther(type, WorkerView.PROVEN, history.met());
    }

    /**
     * Whether the subtask is to blame: enough workers died with it alone, different ones or all there are, and the last of them
     * was as good a witness as there is.
     */
    boolean isPoison(SubtaskHistory history, WorkerView last, String type) {
        Deaths deaths = history.deaths;
        return deaths != null
                && deaths.count() >= limits.deathsUntilPoison()
                && (deaths.workers().size() >= limits.deathsUntilPoison()
                        || !takers.hasOther(type, WorkerView.NEWCOMER, deaths.workers()))
                && isCredible(last, type, deaths.sinceMs());
    }

    /**
     * Whether there is nobody whose failure would say more. While nobody has proven anything yet, it may be that somebody is
     * about to. One that has answered something is waited for as long as it takes. For the rest a verdict waits a while only:
     * for a veteran that stays away, for a newcomer that may answer something, and, shortest, for one that has answered
     * something to become a veteran.
     */
    private boolean isCredible(WorkerView worker, String type, long sinceMs) {
        long waitedMs = outbox.nowMs() - sinceMs;
        boolean hasWaited = waitedMs >= Limits.WITNESS_WAIT_MS;
        return switch (worker.standing()) {
            case WorkerView.VETERAN -> true;
            case WorkerView.PROVEN ->
                hasWaited
                        || !takers.has(type, WorkerView.VETERAN)
                                && (waitedMs >= Limits.TRIAL_WAIT_MS
                                        || !takers.hasOther(type, WorkerView.PROVEN, Set.of(worker.identity)));
            default -> !takers.has(type, WorkerView.PROVEN) && (hasWaited || !takers.hasStarter(type));
        };
    }

    /** The worker gets nothing new until it has nothing left, and then this subtask. */
    void reserve(WorkerView worker, Suspect suspect) {
        worker.trials.rank = suspect.rank(outbox.nowMs(), limits);
        worker.trials.reservedFor = suspect.history;
        worker.trials.reservedIn = suspect.task;
        suspect.history.reservedWorker = worker;
        reserved.computeIfAbsent(suspect.task, task -> new LinkedHashSet<>()).add(worker);
    }

    /** The worker gets this subtask now. */
    void begin(WorkerView worker, Suspect suspect) {
        worker.trials.rank = suspect.trialRank(outbox.nowMs(), limits);
    }

    /** To be called when the worker's leases have changed, or whether it takes anything, or whether it is reserved. */
    void refresh(WorkerView worker) {
        takers.refresh(worker);
        if (!worker.takers.isTaker()) {
            release(worker);
        }
        boolean isKept = !worker.isGone() && worker.isKept();
        if (isKept != worker.trials.isCounted) {
            worker.trials.isCounted = isKept;
            if (isKept) {
                kept.add(worker);
            } else {
                kept.remove(worker);
            }
        }
    }

    /** A worker that is kept for a suspect of lower rank than the task, and has an idle slot that the task takes; or null. */
    @Nullable
    WorkerView findKept(TaskState task) {
        int rank = task.rank();
        return kept.isEmpty()
                ? null
                : kept.find(
                        task.spec.type(), KEPT_LOOKED_AT, worker -> !worker.room.isAwaited() && worker.letsIn(rank));
    }

    void release(WorkerView worker) {
        Duty duty = worker.trials;
        SubtaskHistory history = duty.reservedFor;
        if (history != null) {
            history.reservedWorker = null;
            duty.reservedFor = null;
            TaskState task = duty.reservedIn;
            duty.reservedIn = null;
            Set<WorkerView> ofTask = task == null ? null : reserved.get(task);
            if (ofTask != null && ofTask.remove(worker) && ofTask.isEmpty()) {
                reserved.remove(task);
            }
        }
    }

    private List<WorkerView> releaseIdle(TaskState task) {
        Set<WorkerView> ofTask = reserved.get(task);
        if (ofTask == null) {
            return List.of();
        }
        List<WorkerView> idle = ofTask.stream()
                .filter(worker -> task.spec.paused() || !worker.trials.isReserved())
                .toList();
        idle.forEach(this::release);
        return idle;
    }

    /** For checking invariants. */
    int deadlines() {
        return look == null ? 0 : 1;
    }
}
