package io.divvy.server;

import io.divvy.net.EventLoop;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.scheduler.TaskId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler for other threads: each call becomes a task for the loop, and its answer a future. Futures complete on the
 * loop's thread, so what follows must be quick or go to a thread of its own ({@code thenApplyAsync}).
 *
 * <p>A future fails with {@link RefusedException} for what the sender should know.
 */
public final class Gateway {
    private static final long BUSY_RETRY_MS = 1_000;

    private final EventLoop loop;
    private final TaskDesk desk;
    private final WorkerDoors doors;

    Gateway(EventLoop loop, TaskDesk desk, WorkerDoors doors) {
        this.loop = loop;
        this.desk = desk;
        this.doors = doors;
    }

    /** @param isNew false if the same task had been submitted under the same key before */
    public record Submitted(TaskView task, boolean isNew) {}

    /** Submits a task; completes once it is durable. */
    public CompletableFuture<Submitted> submit(TaskObject task) {
        return onLoop(future -> desk.submit(task, null, new TaskDesk.SubmitReply() {
            @Override
            public void accepted(TaskId id, long subtasks, boolean isNew) {
                desk.find(
                        id,
                        view -> view.ifPresentOrElse(
                                found -> future.complete(new Submitted(found, isNew)),
                                () -> future.completeExceptionally(new IllegalStateException(
                                        "task " + id + " was accepted and cannot be found"))));
            }

            @Override
            public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
                future.completeExceptionally(new RefusedException(code, message, retryAfterMs));
            }
        }));
    }

    /** The task as it is now; empty if there is none of that id. */
    public CompletableFuture<Optional<TaskView>> find(String id) {
        return onLoop(future -> desk.find(new TaskId(id), future::complete));
    }

    /** The task once it has ended, or as it is when the time is over; empty if there is none of that id. */
    public CompletableFuture<Optional<TaskView>> awaitEnd(String id, Duration atMost) {
        TaskId task = new TaskId(id);
        return onLoop(future -> {
            EndWatcher watcher = new EndWatcher(future);
            desk.watch(task, watcher, exists -> {
                if (!exists) {
                    watcher.answer(Optional.empty());
                }
            });
            if (future.isDone()) {
                return;
            }
            EventLoop.Scheduled deadline = loop.schedule(loop.nowMs() + atMost.toMillis(), () -> {
                if (!future.isDone()) {
                    desk.find(task, watcher::answer);
                }
            });
            // Whoever completes it, who waits for it lets go: nothing is left behind until a time that may be far away.
            future.whenComplete((view, failure) -> loop.execute(() -> {
                deadline.cancel();
                desk.unwatch(task, watcher);
            }));
        });
    }

    /** Cancels the task; the view shows how it ended, if it had before. Empty if there is none of that id. */
    public CompletableFuture<Optional<TaskView>> cancel(String id) {
        return onLoop(future -> desk.cancel(new TaskId(id), future::complete));
    }

    /** Completes when the loop takes its turn: as long as it does, the server is alive. */
    public CompletableFuture<Boolean> ping() {
        return onLoop(future -> future.complete(true));
    }

    /** How full the server is. */
    public CompletableFuture<ServerGauges> gauges() {
        return onLoop(future -> future.complete(new ServerGauges(
                loop.gauges(), doors.count(), desk.openTasks(), desk.waitingSubmissions(), desk.watcherCount())));
    }

    private <T> CompletableFuture<T> onLoop(Consumer<CompletableFuture<T>> action) {
        CompletableFuture<T> future = new CompletableFuture<>();
        if (loop.mailboxIsFull()) {
            future.completeExceptionally(new RefusedException(
                    ErrorCode.BUSY, "the server has more requests than it can take now; try again", BUSY_RETRY_MS));
            return future;
        }
        boolean runs = loop.execute(() -> {
            try {
                action.accept(future);
            } catch (RuntimeException | Error e) {
                future.completeExceptionally(e);
                throw e;
            }
        });
        if (!runs) {
            future.completeExceptionally(new RefusedException(ErrorCode.BUSY, "the server has stopped", BUSY_RETRY_MS));
        }
        return future;
    }

    private record EndWatcher(CompletableFuture<Optional<TaskView>> future) implements TaskWatcher {
        void answer(Optional<TaskView> task) {
            future.complete(task);
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
        public void onEnd(TaskView task) {
            answer(Optional.of(task));
        }
    }
}
