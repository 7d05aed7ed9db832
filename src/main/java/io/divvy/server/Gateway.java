package io.divvy.server;

import io.divvy.net.EventLoop;
import io.divvy.net.Timeline;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.PatchObject;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskExplanation;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskTypeStatus;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.WorkerStatus;
import io.divvy.scheduler.WorkerId;
import io.divvy.server.session.Tasks;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.Rerun;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskFilter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler for other threads: each call becomes a task for the loop, and its answer a future. Futures complete on the
 * loop's thread, so what follows must be quick or go to a thread of its own ({@code thenApplyAsync}).
 *
 * <p>Views are made when they are asked for, which is to be on a thread of the caller: a large result is read for it.
 *
 * <p>A future fails with {@link RefusedException} for what the sender should know.
 */
public final class Gateway {
    private static final long BUSY_RETRY_MS = 1_000;

    private final EventLoop loop;
    private final TaskDesk desk;
    private final TaskList list;
    private final TaskViews views;
    private final WorkerDesk workers;
    private final QuerySteps steps;
    private final Readiness readiness;
    private final ByteBudget submissionRoom;
    private final Supplier<ServerGauges> gauges;

    /** @param gauges asked for on the loop */
    Gateway(
            EventLoop loop,
            Desks desks,
            Readiness readiness,
            ByteBudget submissionRoom,
            Supplier<ServerGauges> gauges) {
        this.loop = loop;
        this.desk = desks.tasks();
        this.list = desks.list();
        this.views = desk.views();
        this.workers = desks.workers();
        this.steps = new QuerySteps(loop::execute);
        this.readiness = readiness;
        this.submissionRoom = submissionRoom;
        this.gauges = gauges;
    }

    /** Where senders and workers connect. */
    public InetSocketAddress tcpAddress() {
        return Objects.requireNonNull(loop.listensAt(), "the loop listens");
    }

    /** Submits a task; completes once it is durable. */
    public CompletableFuture<SubmittedTask> submit(TaskObject task) {
        return submit(task, HeadStart.NONE);
    }

    private CompletableFuture<SubmittedTask> submit(TaskObject task, HeadStart headStart) {
        long bytes = task.sizeBytes() + headStart.sizeBytes();
        if (!submissionRoom.takeAlone(bytes)) {
            return CompletableFuture.failedFuture(noRoom(bytes));
        }
        Runnable giveBack = givesBackOnce(bytes);
        CompletableFuture<SubmittedTask> submitted = onLoop(future -> {
            giveBack.run(); // Where it goes now it is counted as well.
            desk.submit(task, headStart, new SubmissionFuture(desk, future));
        });
        if (submitted.isCompletedExceptionally()) {
            giveBack.run(); // It never came to the loop.
        }
        return submitted;
    }

    private static RefusedException noRoom(long bytes) {
        return new RefusedException(
                ErrorCode.BUSY,
                "so many submissions are on their way that there is no memory for another " + bytes
                        + " bytes; try again",
                BUSY_RETRY_MS);
    }

    private Runnable givesBackOnce(long bytes) {
        AtomicBoolean waits = new AtomicBoolean(true);
        return () -> {
            if (waits.compareAndSet(true, false)) {
                submissionRoom.giveBack(bytes);
            }
        };
    }

    /**
     * Submits a finished task again, as a new one, which begins with what is kept of that which was done. Empty if there is
     * none of that id; fails with a conflict if it is not finished, or if what was submitted is not kept. What was made of it
     * under the key before is found also once the first is deleted.
     *
     * @param key under which the new task is found if this is asked for again, or null
     * @param threads where it is read, as it may be large
     */
    public CompletableFuture<Optional<SubmittedTask>> rerun(String id, @Nullable String key, Executor threads) {
        CompletableFuture<Optional<Rerun>> first = onLoop(
                future -> desk.named(id, desk.reruns()::findFirst, future::complete, future::completeExceptionally));
        return first.thenComposeAsync(
                found -> {
                    if (found.isPresent()) {
                        Rerun rerun = found.get();
                        return submit(RerunObject.of(rerun, key), HeadStart.of(rerun))
                                .thenApply(Optional::of);
                    }
                    return key == null ? CompletableFuture.completedFuture(Optional.empty()) : madeBefore(id, key);
                },
                threads);
    }

    private CompletableFuture<Optional<SubmittedTask>> madeBefore(String id, String key) {
        Tasks.Act<SubmittedTask> act = (task, answer, refused) -> desk.find(
                task,
                view -> answer.accept(view.map(found -> new SubmittedTask(task.value(), found, false, 0))),
                refused);
        return onLoop(future ->
                desk.reruns().findMade(id, SubmitKey.key(key), act, future::complete, future::completeExceptionally));
    }

    // What is called an id from here on is that of the task, or the one that a plain sender chose for it.

    /** The task as it is now; empty if there is none of that id. */
    public CompletableFuture<Optional<Supplier<TaskView>>> find(String id) {
        return onLoop(future -> desk.named(id, desk::find, future::complete, future::completeExceptionally));
    }

    /** The task once it has ended, or as it is when the time is over; empty if there is none of that id. */
    public CompletableFuture<Optional<Supplier<TaskView>>> awaitEnd(String id, Duration atMost) {
        return onLoop(future -> {
            Tasks.Act<Supplier<TaskView>> act = (task, answer, refused) -> {
                if (desk.isOpen(task)) {
                    awaitEnd(task, atMost, future);
                } else {
                    desk.find(task, answer, refused);
                }
            };
            desk.named(id, act, future::complete, future::completeExceptionally);
        });
    }

    /** Of an open task. */
    private void awaitEnd(TaskId task, Duration atMost, CompletableFuture<Optional<Supplier<TaskView>>> future) {
        EndWatcher watcher = new EndWatcher(views, future);
        desk.watch(
                task,
                watcher,
                exists -> {
                    if (!exists) {
                        watcher.answer(Optional.empty());
                    }
                },
                future::completeExceptionally);
        Timeline.Scheduled deadline = loop.schedule(loop.nowMs() + atMost.toMillis(), () -> {
            if (!future.isDone()) {
                desk.find(task, watcher::answer, future::completeExceptionally);
            }
        });
        // Whoever completes it, who waits for it lets go: nothing is left behind until a time that may be far away.
        future.whenComplete((view, failure) -> loop.execute(() -> {
            deadline.cancel();
            desk.unwatch(task, watcher);
        }));
    }

    /** Cancels the task; the view shows how it ended, if it had before. Empty if there is none of that id. */
    public CompletableFuture<Optional<Supplier<TaskView>>> cancel(String id) {
        Tasks.Act<StoredTask> cancellation =
                (task, ended, refused) -> desk.cancel(task, views.inlineResultBytes(), ended, refused);
        return onLoop(future -> desk.named(
                id,
                cancellation,
                ended -> future.complete(ended.map(task -> () -> views.finished(task))),
                future::completeExceptionally));
    }

    /**
     * Changes a task that has not ended; completes once that is durable. Empty if there is none of that id; fails with a
     * conflict if it has ended.
     */
    public CompletableFuture<Optional<Supplier<TaskView>>> patch(String id, PatchObject patch) {
        long bytes = patch.sizeBytes();
        if (!submissionRoom.takeAlone(bytes)) {
            return CompletableFuture.failedFuture(noRoom(bytes));
        }
        Runnable giveBack = givesBackOnce(bytes); // Not earlier: how many are not durable yet is bounded by it.
        TaskPatch change = new TaskPatch(patch.priority(), patch.labels(), patch.paused());
        CompletableFuture<Optional<Supplier<TaskView>>> patched = onLoop(future -> desk.named(
                id,
                (task, answer, refused) -> desk.patch(task, change, answer, refused),
                (Optional<Supplier<TaskView>> found) -> {
                    giveBack.run();
                    future.complete(found);
                },
                refused -> {
                    giveBack.run();
                    future.completeExceptionally(refused);
                }));
        if (patched.isCompletedExceptionally()) {
            giveBack.run(); // It never came to the loop.
        }
        return patched;
    }

    /** A part of the list of all tasks, the newest first. Fails for a cursor that is none. */
    public CompletableFuture<TaskPage> list(TaskQuery query) {
        String cursor = query.cursor();
        Optional<TaskPosition> after = cursor == null ? Optional.empty() : TaskCursor.read(cursor);
        if (cursor != null && after.isEmpty()) {
            return CompletableFuture.failedFuture(new RefusedException(
                    ErrorCode.BAD_MESSAGE,
                    "query parameter cursor: expected the next_cursor of another page, as it was",
                    null));
        }
        String state = query.state();
        TaskFilter filter = new TaskFilter(
                state == null ? null : TaskSnapshot.State.valueOf(state.toUpperCase(Locale.ROOT)),
                query.type(),
                query.labels());
        return inSteps(future ->
                list.page(filter, after.orElse(null), query.atMost(), future::complete, future::completeExceptionally));
    }

    /** What there is of the task's result; empty if there is none of that id. */
    public CompletableFuture<Optional<TaskResult>> result(String id) {
        return onLoop(future -> desk.named(id, desk::result, future::complete, future::completeExceptionally));
    }

    /**
     * A part of what is remembered of the failed attempts of the task, made when it is asked for; empty if there is none of that
     * id.
     *
     * @param fromIndex subtasks below it are left out
     */
    public CompletableFuture<Optional<Supplier<FailurePage>>> failures(String id, long fromIndex, int atMost) {
        return onLoop(future -> desk.named(
                id,
                desk::failures,
                found -> future.complete(
                        found.map(all -> () -> FailurePage.of(all.get().text(), fromIndex, atMost))),
                future::completeExceptionally));
    }

    /** Why the task is not finished; empty if there is none of that id. */
    public CompletableFuture<Optional<TaskExplanation>> explain(String id) {
        return inSteps(future -> () -> {
            desk.named(id, desk::explain, future::complete, future::completeExceptionally);
            return false;
        });
    }

    /** Forgets a finished task. Returns whether there was one; fails with a conflict if it is not finished. */
    public CompletableFuture<Boolean> delete(String id) {
        Tasks.Act<TaskDesk.Deletion> act = (task, answer, refused) -> desk.delete(task, deletion -> {
            if (deletion.equals(Optional.of(TaskDesk.Deletion.NOT_FINISHED))) {
                refused.accept(new RefusedException(
                        ErrorCode.CONFLICT,
                        "task " + task + " is not finished; cancel it first: POST /tasks/" + task + "/cancel",
                        null));
            } else {
                answer.accept(deletion);
            }
        });
        return onLoop(future ->
                desk.named(id, act, deletion -> future.complete(deletion.isPresent()), future::completeExceptionally));
    }

    /** The connected workers, in the order in which they connected. */
    public CompletableFuture<List<WorkerStatus>> workers() {
        return inSteps(future -> workers.workers(future::complete));
    }

    /** Asks a worker to leave: it gets nothing new, and finishes what it has started. Empty if there is none of that id. */
    public CompletableFuture<Optional<WorkerStatus>> drain(long workerId) {
        return onLoop(future -> future.complete(workers.drain(new WorkerId(workerId))));
    }

    /** The types that the server has or that workers take by name, in the order of their names. Asks nothing of the loop. */
    public List<TaskTypeStatus> taskTypes() {
        return workers.taskTypes();
    }

    /**
     * Completes when the loop takes its turn: as long as it does, the server is alive. Fails as busy while tasks cannot be
     * saved, and at once while those of a former server are taken up, which keeps the loop from its first turn.
     */
    public CompletableFuture<List<StuckType>> ready() {
        RefusedException starting = readiness.starting();
        if (starting != null) {
            return CompletableFuture.failedFuture(starting);
        }
        return onLoop(future -> {
            RefusedException failing = readiness.failing();
            if (failing == null) {
                future.complete(readiness.stuck());
            } else {
                future.completeExceptionally(failing);
            }
        });
    }

    /** How full the server is. */
    public CompletableFuture<ServerGauges> gauges() {
        return onLoop(future -> future.complete(gauges.get()));
    }

    /** A query that takes more than a look-up. The futures of those that nobody waits for any more may be completed before. */
    private <T> CompletableFuture<T> inSteps(Function<CompletableFuture<T>, BooleanSupplier> query) {
        return onLoop(future -> steps.add(future, query.apply(future)));
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
                if (loop.hasStopped()) {
                    refuseStopped(future);
                } else {
                    action.accept(future);
                }
            } catch (RuntimeException | Error e) {
                future.completeExceptionally(e);
                throw e;
            }
        });
        if (!runs) {
            refuseStopped(future);
        }
        return future;
    }

    private static void refuseStopped(CompletableFuture<?> future) {
        future.completeExceptionally(new RefusedException(ErrorCode.BUSY, "the server has stopped", BUSY_RETRY_MS));
    }
}
