package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import io.divvy.state.ChunkProgress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What went wrong with the open subtasks of one task. Grows with the subtasks with which something did. */
final class SubtaskHistories {
    private final SubtaskBytes known;
    private final TreeMap<Long, SubtaskHistory> histories = new TreeMap<>();
    /** Subtasks that a worker died with: leased singly, so that the next death tells which one it was. */
    private final TreeSet<Long> suspects = new TreeSet<>();
    /** Those that wait for a worker that runs nothing else. */
    private final TreeSet<Long> onTrial = new TreeSet<>();

    private boolean hasNewSuspects;
    private long waiting;

    /** @param known hears how many there are */
    SubtaskHistories(SubtaskBytes known) {
        this.known = known;
    }

    /** The history of a subtask; begins one if nothing went wrong with it before. */
    SubtaskHistory of(long index) {
        return histories.computeIfAbsent(index, i -> {
            known.addHistories(1);
            return new SubtaskHistory();
        });
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

    /** A worker died that can have been running it. */
    SubtaskHistory suspect(long index) {
        suspects.add(index);
        SubtaskHistory history = of(index);
        history.suspicions++;
        return history;
    }

    /**
     * A worker did not die that it was suspected of. Returns whether that makes a difference: not if the subtask is closed, or
     * if so much was taken back before that it is not believed any more.
     */
    boolean takeBack(Losses.Suspect suspect, WorkerIdentity worker) {
        SubtaskHistory history = histories.get(suspect.index());
        if (history == null || !history.takeBack(suspect, worker)) {
            return false;
        }
        if (history.suspicions == 0 && !history.wasBroken) {
            suspects.remove(suspect.index());
        }
        return true;
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

    /** An answer for it made no sense. */
    void broke(long index, WorkerIdentity worker) {
        suspects.add(index);
        SubtaskHistory history = of(index);
        history.wasBroken = true;
        history.meet(worker);
    }

    /** Whether it is leased only to a worker that runs nothing else. */
    boolean needsTrial(long index) {
        if (suspects.isEmpty() || !suspects.contains(index)) {
            return false;
        }
        SubtaskHistory history = of(index);
        return history.wasBroken || history.suspicions >= Limits.DEATHS_UNTIL_TRIAL;
    }

    /** Those of a range for which {@link #needsTrial} holds, in ascending order. */
    List<Long> needTrial(long from, long to) {
        return suspects.isEmpty()
                ? List.of()
                : suspects.subSet(from, to).stream().filter(this::needsTrial).toList();
    }

    /** It waits for a worker that runs nothing else. */
    void awaitTrial(long index, long nowMs) {
        SubtaskHistory history = of(index);
        history.awaitsTrial = true;
        history.awaitsTrialSinceMs = nowMs;
        onTrial.add(index);
        hasNewSuspects = true;
    }

    /** It does not wait for that any more. Returns whether it did. */
    boolean endTrialWait(long index) {
        if (onTrial.isEmpty() || !onTrial.remove(index)) {
            return false;
        }
        of(index).awaitsTrial = false;
        return true;
    }

    boolean awaitsTrial(long index) {
        return onTrial.contains(index);
    }

    /** Those that wait for a worker that runs nothing else, in ascending order. */
    NavigableSet<Long> suspectsOnTrial() {
        return onTrial;
    }

    /** Whether such came since this was last asked. */
    boolean takeNewSuspects() {
        boolean had = hasNewSuspects;
        hasNewSuspects = false;
        return had;
    }

    /**
     * Forgets subtasks of which no more is known than that a worker died that can have been running them, the last ones
     * first: the next death gives those anew that matter, and fewer are left with each.
     *
     * @param most of so many at most
     * @return how many were forgotten
     */
    int forgetMereSuspects(long most) {
        int forgotten = 0;
        Iterator<Map.Entry<Long, SubtaskHistory>> last =
                histories.descendingMap().entrySet().iterator();
        while (forgotten < most && last.hasNext()) {
            Map.Entry<Long, SubtaskHistory> each = last.next();
            if (each.getValue().isMereSuspect()) {
                suspects.remove(each.getKey());
                last.remove();
                forgotten++;
            }
        }
        known.addHistories(-forgotten);
        return forgotten;
    }

    /** Forgets what went wrong with indexes that are closed now. Returns the timers of those that waited. */
    List<Timer> forget(long from, long to) {
        if (histories.isEmpty()) {
            return List.of();
        }
        List<Timer> timers = new ArrayList<>();
        Map<Long, SubtaskHistory> closed = histories.subMap(from, to);
        for (SubtaskHistory history : closed.values()) {
            history.awaitsTrial = false;
            if (history.backoff != null) {
                timers.add(history.backoff);
                waiting--;
            }
        }
        known.addHistories(-closed.size());
        closed.clear();
        suspects.subSet(from, to).clear();
        onTrial.subSet(from, to).clear();
        return timers;
    }

    /**
     * What of it the store has to have.
     *
     * @param mostAttempts that an open subtask can have had. With one more the task ends, which is another commit: where that
     *     gets lost, the last attempt is made again
     */
    List<ChunkProgress.Attempts> save(long from, long to, int mostAttempts) {
        List<ChunkProgress.Attempts> attempts = new ArrayList<>();
        histories
                .subMap(from, to)
                .forEach((index, history) -> attempts.add(new ChunkProgress.Attempts(
                        index, Math.min(history.attempts, mostAttempts), history.suspicions)));
        return attempts;
    }

    /** Takes up what the store had. */
    void restore(List<ChunkProgress.Attempts> saved) {
        for (ChunkProgress.Attempts attempts : saved) {
            SubtaskHistory history = of(attempts.index());
            history.attempts = attempts.attempts();
            history.suspicions = attempts.deaths();
            if (history.suspicions > 0) {
                suspects.add(attempts.index());
            }
        }
    }

    /** Of how many subtasks something is known. */
    int count() {
        return histories.size();
    }

    /** How many wait for a retry, counted anew. */
    long countWaiting() {
        return histories.values().stream()
                .filter(history -> history.backoff != null)
                .count();
    }
}
