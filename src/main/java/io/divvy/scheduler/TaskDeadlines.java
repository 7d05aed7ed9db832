package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import org.jspecify.annotations.Nullable;

/** What of one task is due by time alone. Only {@link TaskLifecycle} sets it. */
final class TaskDeadlines {
    @Nullable
    Timer timeout;

    /** Set while it waits, after a restart, for workers that come back with results. */
    @Nullable
    Timer holdOff;

    /** Set until the time has come before which nothing of it is to be leased. */
    @Nullable
    Timer notBefore;

    /** Whether it waits for a time until which nothing of it is leased. */
    boolean isTooEarly() {
        return holdOff != null || notBefore != null;
    }

    boolean isBeforeItsTime() {
        return notBefore != null;
    }

    boolean isHeldOff() {
        return holdOff != null;
    }

    /** Until when it is held off, or {@link Timers#NEVER} if it is not. */
    long heldOffUntilMs() {
        return holdOff == null ? Timers.NEVER : holdOff.dueMs();
    }

    void cancel(Timers timers) {
        timers.cancel(timeout);
        timers.cancel(holdOff);
        timers.cancel(notBefore);
        timeout = null;
        holdOff = null;
        notBefore = null;
    }

    /** How many timers run for it. For checking invariants. */
    int count() {
        return (timeout == null ? 0 : 1) + (holdOff == null ? 0 : 1) + (notBefore == null ? 0 : 1);
    }
}
