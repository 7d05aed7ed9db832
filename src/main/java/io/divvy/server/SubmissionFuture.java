package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.server.session.Tasks;
import io.divvy.state.TaskId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Who submits a task from another thread hears of it by a future. */
final class SubmissionFuture implements Tasks.SubmitReply {
    private static final long BUSY_RETRY_MS = 1_000;

    private final TaskDesk desk;
    private final CompletableFuture<SubmittedTask> future;
    private long takenOver;

    SubmissionFuture(TaskDesk desk, CompletableFuture<SubmittedTask> future) {
        this.desk = desk;
        this.future = future;
    }

    @Override
    public void beginsWith(long subtasksDone) {
        takenOver = subtasksDone;
    }

    @Override
    public void accepted(TaskId id, long subtasks, boolean isNew) {
        desk.find(
                id,
                view -> view.ifPresentOrElse(
                        found -> future.complete(new SubmittedTask(id.value(), found, isNew, takenOver)),
                        () -> future.completeExceptionally(new RefusedException(
                                ErrorCode.BUSY,
                                "task " + id + " has just been deleted; submit it again",
                                BUSY_RETRY_MS))),
                future::completeExceptionally);
    }

    @Override
    public void letGo(Throwable cause) {
        future.completeExceptionally(Refusals.internal(cause));
    }

    @Override
    public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
        future.completeExceptionally(new RefusedException(code, message, retryAfterMs));
    }
}
