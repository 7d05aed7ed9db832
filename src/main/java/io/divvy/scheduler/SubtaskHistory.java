package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import org.jspecify.annotations.Nullable;

/** What went wrong with one subtask so far. Kept only for subtasks with which something did. */
final class SubtaskHistory {
    int attempts;
    /** Deaths of workers that can have been running it, whatever else they ran. */
    int suspicions;
    /** Deaths of workers that ran nothing else. A restart forgets them, and so can only delay a verdict. */
    @Nullable
    Deaths deaths;

    /** Set exactly while it waits for its next attempt. */
    @Nullable
    Timer backoff;

    /** Whether it waits for a worker that runs nothing else. */
    boolean awaitsTrial;

    /** Since when. */
    long awaitsTrialSinceMs;

    /** The worker that finishes what it has, to be the one. */
    @Nullable
    WorkerView reservedWorker;
}
