package io.divvy.server;

import io.divvy.net.Timeline;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Progress;
import io.divvy.protocol.RefusedException;
import io.divvy.server.session.TaskWatcher;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who cancels a task waits for its end. The end may not be durable for long, for instance while the disk is full:
 * then it is told that, and the task is cancelled all the same, as soon as that can be saved.
 */
final class Cancellation implements TaskWatcher {
    private final WatchDesk desk;
    private final TaskId id;
    private final long longestResultBytes;
    private final Consumer<Optional<StoredTask>> ended;
    private final Consumer<RefusedException> refused;
    private boolean isAnswered;
    private Timeline.@Nullable Scheduled deadline;

    /**
     * @param longestResultBytes that are wanted of a task that completed before
     * @param ended hears how the task ended, whichever end won, or that there is none
     * @param refused instead, if that takes long or cannot be told
     */
    Cancellation(
            WatchDesk desk,
            TaskId id,
            long longestResultBytes,
            Consumer<Optional<StoredTask>> ended,
            Consumer<RefusedException> refused) {
        this.desk = desk;
        this.id = id;
        this.longestResultBytes = longestResultBytes;
        this.ended = ended;
        this.refused = refused;
    }

    /** Cancels the task, which may be cancelled or have ended before. */
    void start() {
        desk.watchInAnyCase(
                id,
                this,
                exists -> {
                    if (!exists && isFirst()) {
                        ended.accept(Optional.empty());
                    }
                },
                this::refuse);
        desk.cancel(id);
        if (!isAnswered) {
            deadline = desk.after(ServerLimits.CANCEL_ANSWER_MS, this::isLate);
        }
    }

    private void isLate() {
        desk.unwatch(id, this);
        refuse(new RefusedException(
                ErrorCode.BUSY,
                "task " + id
                        + " is being cancelled, and that cannot be saved yet; it takes effect once it can. Cancel it"
                        + " again to hear of its end",
                ServerLimits.CANCEL_RETRY_MS));
    }

    private void refuse(RefusedException why) {
        if (isFirst()) {
            refused.accept(why);
        }
    }

    private boolean isFirst() {
        boolean isFirst = !isAnswered;
        isAnswered = true;
        if (deadline != null) {
            deadline.cancel();
        }
        return isFirst;
    }

    @Override
    public void letGo(Throwable cause) {
        isAnswered = true;
        refused.accept(Refusals.internal(cause));
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
        return longestResultBytes;
    }

    @Override
    public void onEnd(StoredTask task) {
        if (isFirst()) {
            ended.accept(Optional.of(task));
        }
    }
}
