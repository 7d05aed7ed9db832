package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Subtasks with which workers died more than once. Each is on trial: it is leased to a worker that runs nothing else, so that
 * another death would tell. Workers differ in what their death says, so a trial goes first to a proven one that did not die
 * with this subtask yet; after {@link Limits#TRIAL_WAIT_MS} to whoever can take it, so that it does not wait for one that is
 * busy for hours.
 *
 * <p>A worker that is busy whenever its turn comes is reserved: it gets nothing new until it has nothing left, one worker for
 * one subtask, so that the others go on.
 */
final class Trials {
    /** Tasks, and suspects of each, that are looked at for one worker: whom the first do not suit, others suit. */
    private static final int LOOKED_AT = 16;

    private static final Comparator<TaskState> ORDER = Comparator.comparingInt((TaskState task) -> task.spec.priority())
            .reversed()
            .thenComparingLong(task -> task.sequence);

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Takers takers;
    /** Tasks with a suspect that could be leased now. */
    private final Map<String, NavigableSet<TaskState>> byType = new HashMap<>();
    /** Those for which an idle worker is to be looked for. */
    private final Deque<TaskState> openings = new ArrayDeque<>();

    private final Set<WorkerView> reserved = new LinkedHashSet<>();
    /** Runs while something waits: who may take it also depends on who is there, and for how long it waits. */
    private @Nullable Timer look;

    /** A subtask on trial. */
    record Suspect(TaskState task, Chunk chunk, long index, SubtaskHistory history) {}

    Trials(Limits limits, Timers timers, Outbox outbox, Takers takers) {
        this.limits = limits;
        this.timers = timers;
        this.outbox = outbox;
        this.takers = takers;
    }

    boolean isEmpty() {
        return byType.isEmpty();
    }

    /** Suspects of the task may have come, or gone. Returns reserved workers that are free again. */
    List<WorkerView> refresh(TaskState task) {
        boolean waits = task.mayTry();
        if (waits && (task.histories.takeNewSuspects() || !task.inTrials)) {
            openings.add(task);
        }
        if (waits != task.inTrials) {
            if (waits) {
                byType.computeIfAbsent(task.spec.type(), type -> new TreeSet<>(ORDER))
                        .add(task);
            } else {
                remove(task);
            }
            task.inTrials = waits;
            watch();
        }
        return reserved.isEmpty() ? List.of() : releaseIdle();
    }

    private void remove(TaskState task) {
        NavigableSet<TaskState> sameType = byType.get(task.spec.type());
        if (sameType != null && sameType.remove(task) && sameType.isEmpty()) {
            byType.remove(task.spec.type());
        }
    }

    private void watch() {
        if (byType.isEmpty()) {
            timers.cancel(look);
            look = null;
        } else if (look == null) {
            look = timers.schedule(outbox.nowMs() + Limits.TRIAL_WAIT_MS, () -> {
                look = null;
                byType.values().forEach(openings::addAll);
                watch();
            });
        }
    }

    /** The next task for whose suspects an idle worker may be found, or null. */
    @Nullable
    TaskState pollOpening() {
        TaskState task = openings.poll();
        while (task != null && !task.inTrials) {
            task = openings.poll();
        }
        return task;
    }

    /** Another idle worker may be found for the task. */
    void reopen(TaskState task) {
        if (task.inTrials) {
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
        for (String type : worker.taskTypes == null || worker.taskTypes.size() > byType.size()
                ? byType.keySet()
                : worker.taskTypes) {
            Suspect found = worker.takes(type) ? firstFor(worker, type) : null;
            if (found != null && (best == null || ORDER.compare(found.task, best.task) < 0)) {
                best = found;
            }
        }
        return best;
    }

    private @Nullable Suspect firstFor(WorkerView worker, String type) {
        int looked = 0;
        for (TaskState task : byType.getOrDefault(type, EMPTY)) {
            Suspect found = firstFor(worker, task);
            if (found != null || ++looked == LOOKED_AT) {
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
            if (++looked > LOOKED_AT || !task.needs(index)) {
                return null;
            }
            SubtaskHistory history = task.histories.of(index);
            Chunk chunk = task.openChunkOf(index);
            boolean isItsTurn = worker.creditUsed() == 0 || history.reservedWorker == null;
            if (chunk != null && isItsTurn && mayTake(worker, history, task.spec.type())) {
                return new Suspect(task, chunk, index, history);
            }
        }
        return null;
    }

    private boolean mayTake(WorkerView worker, SubtaskHistory history, String type) {
        Deaths deaths = history.deaths;
        boolean isBest = worker.isProven() || !takers.hasProven(type);
        if (deaths != null && deaths.workers() >= limits.deathsUntilPoison()) {
            return isBest; // Only the death of such a one would decide anything.
        }
        if (outbox.nowMs() - history.awaitsTrialSinceMs >= Limits.TRIAL_WAIT_MS) {
            return true;
        }
        if (deaths == null || !deaths.include(worker.identity)) {
            return worker.isProven() || !takers.hasOtherProven(type, deaths);
        }
        return isBest && !takers.hasOther(type, deaths);
    }

    /**
     * Whether the subtask is to blame: enough workers died with it alone, different ones or all there are, and the last of them
     * was one that does good work, if there is such a one.
     */
    boolean isPoison(SubtaskHistory history, WorkerView last, String type) {
        Deaths deaths = history.deaths;
        return deaths != null
                && deaths.count() >= limits.deathsUntilPoison()
                && (deaths.workers() >= limits.deathsUntilPoison() || !takers.hasOther(type, deaths))
                && (last.isProven() || !takers.hasProven(type));
    }

    /** The worker gets nothing new until it has nothing left, and then this subtask. */
    void reserve(WorkerView worker, Suspect suspect) {
        worker.reservedFor = suspect.history;
        suspect.history.reservedWorker = worker;
        reserved.add(worker);
    }

    void release(WorkerView worker) {
        SubtaskHistory history = worker.reservedFor;
        if (history != null) {
            history.reservedWorker = null;
            worker.reservedFor = null;
            reserved.remove(worker);
        }
    }

    private List<WorkerView> releaseIdle() {
        List<WorkerView> idle =
                reserved.stream().filter(worker -> !worker.isReserved()).toList();
        idle.forEach(this::release);
        return idle;
    }

    /** For checking invariants. */
    int deadlines() {
        return look == null ? 0 : 1;
    }
}
