package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.TaskId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Worker names under which workers die with different subtasks, or break the protocol with them. The fault is then more likely
 * theirs than that of the subtasks, so they get nothing for a while: a second, and twice as long each time that it goes on.
 * Deaths with the same subtask say nothing about the name, and neither does a death after much good work: machines are taken
 * away now and then. A subtask that is found poisonous was to blame, so whoever died with it begins anew. Used up
 * attempts prove nothing of the kind: one worker that breaks the protocol with all it gets can use them up alone.
 *
 * <p>It keeps what it knows while a worker is away, of {@link Limits#quarantineNames} names at most: of more, those that
 * died last.
 */
final class Quarantine {
    /** Subtasks of one death that are compared with those of the next. */
    private static final int COMPARED_SUBTASKS = 16;

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Consumer<WorkerView> release;
    private final Map<WorkerIdentity, Conduct> byWorker = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<WorkerIdentity, WorkerView> held = new HashMap<>();

    /** That of one connected worker. */
    static final class Stay {
        /** Set while it gets nothing because workers of its name died. */
        private @Nullable Timer timer;

        boolean isOn() {
            return timer != null;
        }

        /** Until when it gets nothing, or {@link Timers#NEVER} if that is not so. */
        long untilMs() {
            return timer == null ? Timers.NEVER : timer.dueMs();
        }
    }

    /** A subtask that a worker ran when it died. */
    record Subtask(TaskId task, long index) {}

    private static final class Conduct {
        private Set<Subtask> diedWith = Set.of();
        private int inARow;
        private long untilMs;
        /** What its last death counts among, if it was alone with a subtask. */
        private @Nullable Deaths lastAlone;
        /** What was known before its last death, in case it was none. */
        private @Nullable Before before;
        /** Deaths in a row that were none, of workers that had answered nothing. */
        private int takenBack;
    }

    private record Before(
            Set<Subtask> diedWith,
            int inARow,
            long untilMs,
            @Nullable Deaths lastAlone) {}

    /** @param release hears of a worker that may get something again */
    Quarantine(CoreContext core, Consumer<WorkerView> release) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
        this.release = release;
    }

    /** Whether a worker did so much that its death is not held against its name. */
    static boolean isGoodWork(long subtasksDone, long livedMs) {
        return subtasksDone >= Limits.GOOD_WORK_SUBTASKS || subtasksDone > 0 && livedMs >= Limits.GOOD_WORK_MS;
    }

    /** A worker is there: it gets nothing yet if its name is quarantined. */
    void join(WorkerView worker) {
        Conduct conduct = byWorker.get(worker.identity);
        if (conduct != null && conduct.untilMs > outbox.nowMs()) {
            held.put(worker.identity, worker);
            worker.quarantine.timer = timers.schedule(conduct.untilMs, () -> release(worker));
        }
    }

    /** The worker is gone, whyever. */
    void leave(WorkerView worker) {
        timers.cancel(worker.quarantine.timer);
        held.remove(worker.identity, worker);
    }

    private void release(WorkerView worker) {
        worker.quarantine.timer = null;
        held.remove(worker.identity, worker);
        release.accept(worker);
    }

    /** A worker died with these subtasks. */
    void died(WorkerView worker, List<Subtask> ran) {
        Conduct conduct = byWorker.computeIfAbsent(worker.identity, name -> new Conduct());
        if (byWorker.size() > limits.quarantineNames()) {
            byWorker.remove(byWorker.keySet().iterator().next());
        }
        conduct.before = new Before(conduct.diedWith, conduct.inARow, conduct.untilMs, conduct.lastAlone);
        conduct.takenBack = worker.subtasksDone() > 0 ? 0 : conduct.takenBack;
        conduct.lastAlone = null;
        long livedMs = outbox.nowMs() - worker.joinedMs;
        boolean isSameSubtask = ran.stream().anyMatch(conduct.diedWith::contains);
        if (isGoodWork(worker.subtasksDone(), livedMs)) {
            conduct.inARow = 0;
        } else if (!conduct.diedWith.isEmpty() && !isSameSubtask && livedMs < Limits.GOOD_WORK_MS) {
            conduct.inARow++;
            conduct.untilMs = outbox.nowMs() + delayMs(conduct.inARow);
        }
        conduct.diedWith = new HashSet<>(ran.subList(0, Math.min(COMPARED_SUBTASKS, ran.size())));
    }

    /**
     * The worker that died last under this name is back, so it did not die. One that answers nothing from one loss to the next
     * is not believed for ever.
     */
    void takeBack(WorkerIdentity worker) {
        Conduct conduct = byWorker.get(worker);
        Before before = conduct == null ? null : conduct.before;
        if (conduct == null || before == null || conduct.takenBack == Limits.LOSSES_TAKEN_BACK) {
            return;
        }
        conduct.takenBack++;
        conduct.before = null;
        conduct.diedWith = before.diedWith;
        conduct.inARow = before.inARow;
        conduct.untilMs = before.untilMs;
        conduct.lastAlone = before.lastAlone;
    }

    /** That death was alone with a subtask, and is one of these. */
    void diedAlone(WorkerView worker, Deaths deaths) {
        Conduct conduct = byWorker.get(worker.identity);
        if (conduct != null) {
            conduct.lastAlone = deaths;
        }
    }

    /** What the process ended with that died last under this name. */
    void tellExitCode(WorkerIdentity worker, int exitCode) {
        Conduct conduct = byWorker.get(worker);
        if (conduct != null && conduct.lastAlone != null) {
            conduct.lastAlone.tellExitCode(worker, exitCode);
        }
    }

    private static long delayMs(int inARow) {
        int doublings = Math.min(inARow - 1, Long.numberOfLeadingZeros(Limits.QUARANTINE_SHORTEST_MS) - 2);
        return Math.min(Limits.QUARANTINE_LONGEST_MS, Limits.QUARANTINE_SHORTEST_MS << doublings);
    }

    /** A worker left in peace: what its name is held for is forgotten once it did good work. */
    void leftInPeace(WorkerView worker) {
        if (worker.subtasksDone() >= Limits.GOOD_WORK_SUBTASKS) {
            byWorker.remove(worker.identity);
        }
    }

    /** These died with a subtask that is to blame. */
    void exonerate(Collection<WorkerIdentity> workers) {
        for (WorkerIdentity identity : workers) {
            byWorker.remove(identity);
            WorkerView worker = held.get(identity);
            if (worker != null) {
                timers.cancel(worker.quarantine.timer);
                release(worker);
            }
        }
    }

    /** How many names it knows something of. For tests. */
    int names() {
        return byWorker.size();
    }
}
