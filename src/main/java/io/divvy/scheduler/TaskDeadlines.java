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
        timeout = null;
        holdOff = null;
    }

    /** How many timers run for it. For checking invariants. */
    int count() {
        return (timeout == null ? 0 : 1) + (holdOff == null ? 0 : 1);
    }
}
