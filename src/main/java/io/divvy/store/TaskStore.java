package io.divvy.store;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where tasks survive. Calls come from the server's loop and return at once; what they lead to is told to their callback, on
 * the loop as well. Commits become durable in the order in which they were asked for, and are tried until they are.
 */
public interface TaskStore extends AutoCloseable {
    /** Whether what is committed survives the end of this process. */
    boolean isDurable();

    /**
     * Finds the tasks that were not finished when the last server ended, in the order in which they were submitted. To be
     * called before all else, on any thread; it takes as long as it takes, and changes nothing.
     *
     * @param found gets one after the other, as together they may be large
     * @throws StoreOpenException if they cannot be read
     */
    void recover(Consumer<UnfinishedTask> found) throws StoreOpenException;

    /**
     * @param loop where callbacks are to be run
     * @param listener hears on the loop how the store is
     */
    void start(Executor loop, Listener listener);

    /** How the store is. */
    interface Listener {
        /**
         * Commits fail. What was asked for and is not committed is tried again and again, but for new tasks: those were
         * told that they failed. Called again when the reason changes.
         */
        void failing(String why);

        /** A commit succeeded again. */
        void recovered();

        /** What is stored belongs to another server now. Nothing will be committed any more. */
        void lost(String why);
    }

    /**
     * A task is to exist. One of the two is called, once.
     *
     * @param failed hears why it cannot be committed; then it is given up, and will not be there later
     */
    void createTask(NewTask task, Runnable committed, Consumer<String> failed);

    /**
     * Something of an unfinished task, of which it was told that it is created, changes. A restart finds it changed, and so
     * it is found and listed after its end.
     */
    void patchTask(TaskId task, TaskPatch patch, Runnable committed);

    /** Subtasks of a task are done. All of this is committed together. */
    void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed);

    /**
     * A task ended. Its chunks are kept with it if all that was submitted is ({@link StoredTexts#whole}); else they are not
     * needed any more.
     */
    void finishTask(StoredTask task, Runnable committed);

    /**
     * A finished task.
     *
     * @param longestResultBytes a result that is longer is left out, and not read
     * @param failed instead of {@code found}, if there is one and it cannot be read
     */
    void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed);

    /** The finished task that its sender called so, without its result. */
    void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed);

    /** What is kept of the failures of single subtasks of a finished task, as {@link StoredTexts} has it. */
    void findFailures(TaskId id, Consumer<Optional<Failures>> found, Consumer<ReadFailure> failed);

    /** What there is of a finished task to run it again. */
    void findRerun(TaskId id, Consumer<Optional<Rerun>> found, Consumer<ReadFailure> failed);

    /** @param text null if none failed */
    record Failures(byte @Nullable [] text) {}

    /** Finds the result of a finished task, to be read piece by piece. */
    void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed);

    /**
     * The result of a finished task.
     *
     * @param result null if the task did not complete
     */
    record OpenedResult(TaskSnapshot task, @Nullable StoredResult result) {}

    /** Finished tasks, the newest first. One that cannot be read is left out. */
    void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed);

    /**
     * A part of a list. It may have fewer tasks than were asked for, even none, though there are more: a store looks for a
     * bounded time for one call.
     *
     * @param next where to go on, or null at the end of the list
     */
    record Page(List<StoredTask> tasks, @Nullable TaskPosition next) {}

    /** Forgets a finished task, its result and its key. Tells whether there was one; then that is durable. */
    void deleteFinished(TaskId id, Consumer<Boolean> deleted);

    /** Forgets some of what is kept for too long or is too much: a bounded number of tasks, as others wait meanwhile. */
    void sweep(long nowMs);

    /** When {@link #sweep} has something to do, in milliseconds since the epoch; {@link Long#MAX_VALUE} for never. */
    long nextSweepMs();

    /**
     * Whether a thread of the store died of a mistake or for lack of memory: then nothing is committed or read any more, and
     * only a new process helps. From any thread; allocates nothing.
     */
    default boolean isBeyondRepair() {
        return false;
    }

    @Override
    void close();
}
