package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import org.jspecify.annotations.Nullable;

/** What went wrong with one subtask so far. Kept only for subtasks with which something did. */
final class SubtaskHistory {
    int attempts;
    /** Workers that went away while they can have been running it. */
    int deaths;
    /** Set exactly while it waits for its next attempt. */
    @Nullable
    Timer backoff;
}
