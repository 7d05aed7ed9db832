package io.divvy.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Progress;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task that somebody waits for. It comes from {@link DivvyClient#submit} or {@link DivvyClient#attach}, outlives lost
 * connections, and may be used by any number of threads. To let go of it does nothing to the task.
 */
public final class TaskHandle {
    private final Conversation conversation;
    private final CallbackThread callbacks;
    private final String id;
    private final long subtasks;
    private final @Nullable Consumer<Progress> onProgress;
    private final CompletableFuture<JsonNode> result = new CompletableFuture<>();
    /** The newest report that the callback has not had yet. A slow callback misses some; they do not queue up. */
    private final AtomicReference<@Nullable Progress> unheard = new AtomicReference<>();

    TaskHandle(
            Conversation conversation,
            CallbackThread callbacks,
            String id,
            long subtasks,
            @Nullable Consumer<Progress> onProgress) {
        this.conversation = conversation;
        this.callbacks = callbacks;
        this.id = id;
        this.subtasks = subtasks;
        this.onProgress = onProgress;
    }

    /** The server's name for the task; {@link DivvyClient#attach} takes it, in another process or another day too. */
    public String id() {
        return id;
    }

    /** How many subtasks the task has. */
    public long subtasks() {
        return subtasks;
    }

    /**
     * Waits for the result, however long that takes.
     *
     * @return the result; a JSON null is a result too
     * @throws TaskFailedException if the task failed; its subclasses say if it was cancelled, if the server does not know it
     *     any more, or if its result is too large for a message
     * @throws ConnectionLostException if the server is gone for longer than {@link ClientOptions#reconnectFor}
     * @throws ClientClosedException if the client is closed meanwhile
     * @throws IllegalStateException in a callback, which would wait for itself
     */
    public JsonNode await() throws TaskFailedException, IOException, InterruptedException {
        return callbacks.await(result, TaskFailedException.class);
    }

    /**
     * Like {@link #await()}, for at most that long.
     *
     * @throws TimeoutException if the task has not ended by then; it goes on, and can be waited for again
     */
    public JsonNode await(Duration timeout)
            throws TaskFailedException, IOException, InterruptedException, TimeoutException {
        try {
            return callbacks.await(result, TimeUnit.NANOSECONDS.convert(timeout), TaskFailedException.class);
        } catch (TimeoutException e) {
            TimeoutException named = new TimeoutException(
                    "task " + id + " did not end within " + timeout.toMillis() + " ms; it goes on");
            named.initCause(e);
            throw named;
        }
    }

    /**
     * The result, for those who do not want to wait; fails with what {@link #await()} throws. What hangs on it runs on the
     * client's callback thread, after all progress reports. To complete or cancel this future does nothing to the task.
     */
    public CompletableFuture<JsonNode> result() {
        return result.copy();
    }

    /** The task as it is now, see {@link DivvyClient#status}. */
    public TaskView status() throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(conversation.status(id), TaskRefusedException.class);
    }

    /** Cancels the task if it has not ended, see {@link DivvyClient#cancel}. */
    public TaskView cancel() throws TaskRefusedException, IOException, InterruptedException {
        return callbacks.await(conversation.cancel(id), TaskRefusedException.class);
    }

    /** Like {@link #cancel()}, for those who do not want to wait. */
    public CompletableFuture<TaskView> cancelAsync() {
        return conversation.cancel(id);
    }

    boolean wantsProgress() {
        return onProgress != null;
    }

    void report(Progress progress) {
        Consumer<Progress> callback = onProgress;
        if (callback != null && unheard.getAndSet(progress) == null) {
            callbacks.run(() -> {
                Progress newest = unheard.getAndSet(null);
                if (newest != null) {
                    callback.accept(newest);
                }
            });
        }
    }

    void complete(JsonNode value) {
        callbacks.run(() -> result.complete(value));
    }

    void fail(Exception cause) {
        callbacks.run(() -> result.completeExceptionally(cause));
    }

    @Override
    public String toString() {
        return "task " + id;
    }
}
