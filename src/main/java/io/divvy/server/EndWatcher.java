package io.divvy.server;

import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import io.divvy.server.session.TaskWatcher;
import io.divvy.store.StoredTask;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Somebody on another thread waits for the end of a task. */
record EndWatcher(TaskViews views, CompletableFuture<Optional<Supplier<TaskView>>> future) implements TaskWatcher {
    void answer(Optional<Supplier<TaskView>> task) {
        future.complete(task);
    }

    @Override
    public void letGo(Throwable cause) {
        future.completeExceptionally(Refusals.internal(cause));
    }

    @Override
    public boolean wantsProgress() {
        return false;
    }

    @Override
    public void onProgress(String taskId, Progress progress) {
        throw new IllegalStateException("no progress was asked for");
    }

    @Override
    public long longestResultBytes() {
        return views.inlineResultBytes();
    }

    @Override
    public void onEnd(StoredTask task) {
        answer(Optional.of(() -> views.finished(task)));
    }
}
