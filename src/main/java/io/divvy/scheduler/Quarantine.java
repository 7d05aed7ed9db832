package io.divvy.scheduler;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Worker names under which workers die with different subtasks. The fault is then more likely theirs than that of the subtasks,
 * so they get nothing for a while: a second, and twice as long each time that it goes on. Deaths with the same subtask say
 * nothing about the name, and neither does a death after much good work: machines are taken away now and then.
 *
 * <p>It keeps what it knows while a worker is away, of {@link Limits#QUARANTINE_NAMES} names at most: of more, those that
 * died last.
 */
final class Quarantine {
    /** Subtasks of one death that are compared with those of the next. */
    private static final int COMPARED_SUBTASKS = 16;

    private final Map<WorkerIdentity, Conduct> byWorker = new LinkedHashMap<>(16, 0.75f, true);

    /** A subtask that a worker ran when it died. */
    record Subtask(TaskId task, long index) {}

    private static final class Conduct {
        private Set<Subtask> diedWith = Set.of();
        private int inARow;
        private long untilMs;
    }

    /**
     * A worker died with these subtasks.
     *
     * @param subtasksDone that it had answered since it connected
     */
    void died(WorkerIdentity worker, List<Subtask> ran, long subtasksDone, long livedMs, long nowMs) {
        Conduct conduct = byWorker.computeIfAbsent(worker, name -> new Conduct());
        if (byWorker.size() > Limits.QUARANTINE_NAMES) {
            byWorker.remove(byWorker.keySet().iterator().next());
        }
        boolean livedLong = livedMs >= Limits.GOOD_WORK_MS;
        boolean isSameSubtask = ran.stream().anyMatch(conduct.diedWith::contains);
        if (subtasksDone >= Limits.GOOD_WORK_SUBTASKS || livedLong && subtasksDone > 0) {
            conduct.inARow = 0;
        } else if (!conduct.diedWith.isEmpty() && !isSameSubtask && !livedLong) {
            conduct.inARow++;
            conduct.untilMs = nowMs + delayMs(conduct.inARow);
        }
        conduct.diedWith = new HashSet<>(ran.subList(0, Math.min(COMPARED_SUBTASKS, ran.size())));
    }

    private static long delayMs(int inARow) {
        int doublings = Math.min(inARow - 1, Long.numberOfLeadingZeros(Limits.QUARANTINE_SHORTEST_MS) - 2);
        return Math.min(Limits.QUARANTINE_LONGEST_MS, Limits.QUARANTINE_SHORTEST_MS << doublings);
    }

    /** A worker left in peace: what its name is held for is forgotten once it did good work. */
    void left(WorkerIdentity worker, long subtasksDone) {
        if (subtasksDone >= Limits.GOOD_WORK_SUBTASKS) {
            byWorker.remove(worker);
        }
    }

    /** Until when the worker gets nothing; in the past if it is not quarantined. */
    long untilMs(WorkerIdentity worker) {
        Conduct conduct = byWorker.get(worker);
        return conduct == null ? 0 : conduct.untilMs;
    }

    /** How many names it knows something of. For tests. */
    int names() {
        return byWorker.size();
    }
}
