package io.divvy.server.session;

import io.divvy.protocol.Progress;
import io.divvy.store.StoredTask;

/** Somebody who wants to know how a task goes on. Called on the loop. */
public interface TaskWatcher extends Addressee {
    /** Whether it wants to hear of progress too, not of the end alone. */
    boolean wantsProgress();

    void onProgress(String taskId, Progress progress);

    /** A result that is longer than this is left out of a task that ended before it was watched. */
    long longestResultBytes();

    /** Called once, last. */
    void onEnd(StoredTask task);
}
