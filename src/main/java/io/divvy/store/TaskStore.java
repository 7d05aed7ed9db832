package io.divvy.store;

import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskPosition;
import io.divvy.scheduler.TaskSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where tasks survive. Calls come from the server's loop and return at once; what they lead to is told to their callback, on
 * the loop as well. Commits become durable in the order in which they were asked for.
 */
public interface TaskStore extends AutoCloseable {
    /** Whether what is committed survives the end of this process. */
    boolean isDurable();

    /** A task was accepted. */
    void createTask(TaskSnapshot task, TaskNotes notes, Runnable committed);

    /** A task ended. */
    void finishTask(StoredTask task, Runnable committed);

    void findFinished(TaskId id, Consumer<Optional<StoredTask>> found);

    /** The finished task that was submitted under an idempotency key. */
    void findFinishedByKey(String submitKey, Consumer<Optional<StoredTask>> found);

    /**
     * Finished tasks, the newest first.
     *
     * @param after begin behind this position, or null for the newest
     * @param atMost tasks of the page
     */
    void listFinished(TaskFilter filter, @Nullable TaskPosition after, int atMost, Consumer<Page> listed);

    /**
     * A part of a list. It may have fewer tasks than were asked for, even none, though there are more: a store looks at a
     * bounded number of them for one call.
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

    @Override
    void close();
}
