package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What went wrong with one subtask so far. Kept only for subtasks with which something did. */
final class SubtaskHistory {
    /** Of more workers that it went wrong with, the last ones are known. */
    private static final int MOST_MET = 8;

    int attempts;
    /** Deaths of workers that can have been running it, whatever else they ran. */
    int suspicions;
    /** Deaths of workers that ran nothing else. A restart forgets them, and so can only delay a verdict. */
    @Nullable
    Deaths deaths;

    /** How many deaths turned out to be none. A restart forgets them, with the deaths. */
    private int takenBack;

    /** Whether an answer for it made no sense: each further one costs it an attempt, so others are to have a try. */
    boolean wasBroken;

    /** Set exactly while it waits for its next attempt. */
    @Nullable
    Timer backoff;

    /** Whether a worker died of it on trial that ran something else by then, so that the next trial is to be alone. */
    boolean staysAlone;

    /** Whether it waits for a worker that runs nothing else. */
    boolean awaitsTrial;

    /** Since when. */
    long awaitsTrialSinceMs;

    /** The worker that finishes what it has, to be the one. */
    @Nullable
    WorkerView reservedWorker;

    /** Workers that died with it alone, or whose answer for it made no sense; null for none. */
    private @Nullable Set<WorkerIdentity> met;

    /** It went wrong with the worker, and nobody else was to blame. */
    void meet(WorkerIdentity worker) {
        if (met == null) {
            met = new LinkedHashSet<>();
        }
        met.remove(worker);
        met.add(worker);
        if (met.size() > MOST_MET) {
            met.remove(met.iterator().next());
        }
    }

    /** A death was none. Returns whether that is believed. */
    boolean takeBack(Losses.Suspect suspect, WorkerIdentity worker) {
        if (takenBack == Limits.LOSSES_TAKEN_BACK || suspicions == 0) {
            return false; // None is left where the suspicion was forgotten to save memory.
        }
        takenBack++;
        suspicions--;
        if (suspect.wasAlone() && deaths != null && deaths.takeBack(worker) == 0) {
            deaths = null;
        }
        if (suspect.isFirst() && met != null) {
            met.remove(worker);
        }
        return true;
    }

    /** Whether no more is known than that a worker died that ran others as well: a trial would be too early. */
    boolean isMereSuspect() {
        return attempts == 0
                && suspicions < Limits.DEATHS_UNTIL_TRIAL
                && deaths == null
                && met == null
                && !staysAlone
                && !wasBroken
                && backoff == null
                && !awaitsTrial
                && reservedWorker == null;
    }

    boolean hasMet(WorkerIdentity worker) {
        return met != null && met.contains(worker);
    }

    Collection<WorkerIdentity> met() {
        return met == null ? List.of() : met;
    }
}
