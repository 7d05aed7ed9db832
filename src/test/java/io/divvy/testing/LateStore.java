package io.divvy.testing;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.ForwardingStore;
import io.divvy.store.ListQuery;
import io.divvy.store.NewTask;
import io.divvy.store.ReadFailure;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store as another is, but all that it answers comes later, in the order in which it was asked, as from a disk. What counts on
 * a commit within the call shows.
 */
final class LateStore extends ForwardingStore {
    private static final long LATE_MS = 2;

    private final ScheduledExecutorService answers = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "late-store");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Executor loop;

    LateStore(TaskStore store) {
        super(store);
    }

    private Runnable later(Runnable answer) {
        return () -> {
            Executor told = loop;
            if (told != null && !answers.isShutdown()) {
                answers.schedule(() -> told.execute(answer), LATE_MS, TimeUnit.MILLISECONDS);
            }
        };
    }

    private <T> Consumer<T> later(Consumer<T> answer) {
        return value -> later(() -> answer.accept(value)).run();
    }

    @Override
    public void start(Executor executor, Listener listener) {
        loop = executor;
        super.start(executor, listener);
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        super.createTask(task, later(committed), later(failed));
    }

    @Override
    public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        super.advanceTask(task, progress, chunks, later(committed));
    }

    @Override
    public void finishTask(StoredTask task, Runnable committed) {
        super.finishTask(task, later(committed));
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        super.findFinished(id, longestResultBytes, later(found), later(failed));
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        super.findFinishedByKey(key, later(found), later(failed));
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        super.openResult(id, later(opened), later(failed));
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        super.listFinished(query, later(listed), later(failed));
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        super.deleteFinished(id, later(deleted));
    }

    @Override
    public void close() {
        answers.shutdownNow();
        super.close();
    }
}
