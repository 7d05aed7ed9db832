package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What went wrong with the open subtasks of one task. Grows with the subtasks with which something did. */
final class SubtaskHistories {
    private final TreeMap<Long, SubtaskHistory> histories = new TreeMap<>();
    /** Subtasks that a worker died with: leased singly, so that the next death tells which one it was. */
    private final TreeSet<Long> suspects = new TreeSet<>();

    private long waiting;

    /** The history of a subtask; begins one if nothing went wrong with it before. */
    SubtaskHistory of(long index) {
        return histories.computeIfAbsent(index, i -> new SubtaskHistory());
    }

    /** How many wait for a retry. */
    long waiting() {
        return waiting;
    }

    void startBackoff(SubtaskHistory history, Timer timer) {
        history.backoff = timer;
        waiting++;
    }

    void endBackoff(SubtaskHistory history) {
        history.backoff = null;
        waiting--;
    }

    /** When the first of the subtasks that wait for a retry is due. Looks at each of them. */
    long nextRetryMs() {
        long earliestMs = Timers.NEVER;
        for (SubtaskHistory history : histories.values()) {
            Timer backoff = history.backoff;
            if (backoff != null) {
                earliestMs = Math.min(earliestMs, backoff.dueMs());
            }
        }
        return earliestMs;
    }

    void suspect(long index) {
        suspects.add(index);
    }

    boolean isSuspect(long index) {
        return suspects.contains(index);
    }

    /** Where a range of subtasks that begins with {@code from} has to end, so that a suspect in it is alone. */
    long endBySuspects(long from, long to) {
        Long suspect = suspects.ceiling(from);
        if (suspect == null) {
            return to;
        }
        return suspect == from ? from + 1 : Math.min(to, suspect);
    }

    /** How many workers went away while they can have been running it. */
    int deaths(long index) {
        SubtaskHistory history = histories.get(index);
        return history == null ? 0 : history.deaths;
    }

    /** Forgets what went wrong with indexes that are closed now. Returns the timers of those that waited. */
    List<Timer> drop(long from, long to) {
        if (histories.isEmpty()) {
            return List.of();
        }
        List<Timer> timers = new ArrayList<>();
        Map<Long, SubtaskHistory> closed = histories.subMap(from, to);
        for (SubtaskHistory history : closed.values()) {
            if (history.backoff != null) {
                timers.add(history.backoff);
                waiting--;
            }
        }
        closed.clear();
        suspects.subSet(from, to).clear();
        return timers;
    }

    /** What of it the store has to have. */
    List<ChunkProgress.Attempts> save(long from, long to) {
        List<ChunkProgress.Attempts> attempts = new ArrayList<>();
        histories
                .subMap(from, to)
                .forEach((index, history) ->
                        attempts.add(new ChunkProgress.Attempts(index, history.attempts, history.deaths)));
        return attempts;
    }

    /** Takes up what the store had. */
    void restore(List<ChunkProgress.Attempts> saved) {
        for (ChunkProgress.Attempts attempts : saved) {
            SubtaskHistory history = of(attempts.index());
            history.attempts = attempts.attempts();
            history.deaths = attempts.deaths();
            if (history.deaths > 0) {
                suspects.add(attempts.index());
            }
        }
    }

    /** How many wait for a retry, counted anew. */
    long countWaiting() {
        return histories.values().stream()
                .filter(history -> history.backoff != null)
                .count();
    }
}
