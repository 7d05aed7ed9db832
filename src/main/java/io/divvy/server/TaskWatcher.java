package io.divvy.server;

import io.divvy.protocol.Progress;
import io.divvy.store.StoredTask;

/** Somebody who wants to know how a task goes on. Called on the loop. */
interface TaskWatcher {
    /** Whether it wants to hear of progress too, not of the end alone. */
    boolean wantsProgress();

    void onProgress(String taskId, Progress progress);

    /** Called once, last. */
    void onEnd(StoredTask task);
}
