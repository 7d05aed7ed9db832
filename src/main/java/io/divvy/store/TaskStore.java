package io.divvy.store;

import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskSnapshot;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where tasks survive. Calls come from the server's loop and return at once; what they lead to is told to their callback, on
 * the loop as well. Commits become durable in the order in which they were asked for.
 */
public interface TaskStore extends AutoCloseable {
    /** Whether what is committed survives the end of this process. */
    boolean isDurable();

    /** A task was accepted. */
    void createTask(TaskSnapshot task, byte[] description, Runnable committed);

    /** A task ended. */
    void finishTask(StoredTask task, Runnable committed);

    void findFinished(TaskId id, Consumer<Optional<StoredTask>> found);

    /** The finished task that was submitted under an idempotency key. */
    void findFinishedByKey(String submitKey, Consumer<Optional<StoredTask>> found);

    @Override
    void close();
}
