package io.divvy.server.session;

import io.divvy.guard.Failure;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What sessions do with tasks. On the loop's thread; answers come to callbacks, often before the call returns. */
public interface Tasks {
    /** Hears what became of a submission: one of the two, once. */
    interface SubmitReply extends Addressee {
        /** It is told before {@code accepted} of a new task that so many of its subtasks are done already, if any are. */
        default void beginsWith(long subtasksDone) {
            // Most begin with none.
        }

        /** @param isNew false if the same task had been submitted before */
        void accepted(TaskId task, long subtasks, boolean isNew);

        void refused(ErrorCode code, String message, @Nullable Long retryAfterMs);
    }

    /** Does something with the task of an id, or answers that there is none, or that it cannot. */
    interface Act<T> {
        void on(TaskId task, Consumer<Optional<T>> answer, Consumer<RefusedException> refused);
    }

    /** Submits a task whose sender may have given it an idempotency key. */
    void submit(TaskObject object, SubmitReply reply);

    /**
     * Submits a task.
     *
     * @param key under which the same task is found if it had been submitted before, or null
     */
    void submit(TaskObject object, @Nullable SubmitKey key, SubmitReply reply);

    /** Does something with the task that somebody asks for by its id or by its alias. Behind this there are only ids. */
    <T> void named(String name, Act<T> act, Consumer<Optional<T>> answer, Consumer<RefusedException> refused);

    /** The task as it is now. Its view is made when it is asked for: large results make that dear, on the loop's thread. */
    void find(TaskId id, Consumer<Optional<Supplier<TaskView>>> found, Consumer<RefusedException> refused);

    /** What shows a task that has not ended. */
    TaskView view(TaskId open);

    /** What shows a task that has ended. */
    TaskView view(StoredTask ended);

    /**
     * Cancels the task, which may be cancelled or have ended before.
     *
     * @param longestResultBytes that are wanted of a task that completed before
     * @param ended hears how the task ended, whichever end won, or that there is none
     * @param refused instead, if that takes long or cannot be told
     */
    void cancel(
            TaskId id,
            long longestResultBytes,
            Consumer<Optional<StoredTask>> ended,
            Consumer<RefusedException> refused);

    /**
     * Tells the watcher how the task goes on, and its end. Of a task that ended already it hears at once; false means that
     * there is no such task.
     *
     * @param exists before anything is told to the watcher
     * @param refused instead of the others, if the task ended and cannot be read, or nobody else can wait for it now
     */
    void watch(TaskId id, TaskWatcher watcher, Consumer<Boolean> exists, Consumer<RefusedException> refused);

    /** A watcher of the task wants to hear of progress from now on. */
    void wantProgress(TaskId id, TaskWatcher watcher);

    /** The watcher is gone. */
    void unwatch(TaskId id, TaskWatcher watcher);

    /** Whether one more answer may wait for its turn, behind that of a task that has not ended. */
    boolean hasRoomForAnswer();

    /** A short answer waits for its turn, which comes once some task ends. */
    void holdAnswer();

    void letGoOfAnswers(int answers);

    /** The task if it has not ended, else null. */
    @Nullable
    OpenTask open(TaskId id);

    /** The code of the task's type failed, so the task does. */
    void broke(TaskId id, Failure failure);
}
