package io.divvy.testing;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.ForwardingStore;
import io.divvy.store.ListQuery;
import io.divvy.store.NewTask;
import io.divvy.store.ReadFailure;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Another store whose answers come later, up to two milliseconds, as from a disk. Commits are done in the order in which they
 * were asked for, and nothing of one is there before it is answered; a read may overtake them, and other reads. So what counts
 * on an answer within the call shows, and what counts on one answer before the other.
 */
final class LateStore extends ForwardingStore {
    private static final long SEED = Long.getLong("divvy.test.store.seed", 17);
    private static final int LATEST_US = 2_000;

    /** When it is time for an answer, which is then given on the loop. */
    private static final ScheduledExecutorService TIMES = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "late-store");
        thread.setDaemon(true);
        return thread;
    });

    private volatile boolean isClosed;

    // Of the loop.
    private final Random random = new Random(SEED);
    private final Queue<Runnable> commits = new ArrayDeque<>();
    private boolean isSweeping;
    private @Nullable Executor loop;

    LateStore(TaskStore store) {
        super(store);
    }

    @Override
    public void start(Executor executor, Listener listener) {
        loop = executor;
        super.start(executor, listener);
    }

    private void later(Runnable call) {
        Executor caller = loop;
        if (caller == null) {
            throw new IllegalStateException("the store is not started");
        }
        TIMES.schedule(
                () -> {
                    if (!isClosed) {
                        caller.execute(call);
                    }
                },
                random.nextInt(LATEST_US + 1),
                TimeUnit.MICROSECONDS);
    }

    /** Each time that comes is that of the first commit that waits, whichever it was drawn for. */
    private void commitLater(Runnable commit) {
        commits.add(commit);
        later(() -> commits.remove().run());
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        commitLater(() -> super.createTask(task, committed, failed));
    }

    @Override
    public void patchTask(TaskId task, TaskPatch patch, Runnable committed) {
        commitLater(() -> super.patchTask(task, patch, committed));
    }

    @Override
    public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        commitLater(() -> super.advanceTask(task, progress, chunks, committed));
    }

    @Override
    public void finishTask(StoredTask task, Runnable committed) {
        commitLater(() -> super.finishTask(task, committed));
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        commitLater(() -> super.deleteFinished(id, deleted));
    }

    @Override
    public void sweep(long nowMs) {
        if (nextSweepMs() <= nowMs) {
            isSweeping = true;
            commitLater(() -> {
                isSweeping = false;
                super.sweep(nowMs);
            });
        }
    }

    /** Not while one is under way. */
    @Override
    public long nextSweepMs() {
        return isSweeping ? Long.MAX_VALUE : super.nextSweepMs();
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        later(() -> super.findFinished(id, longestResultBytes, found, failed));
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        later(() -> super.findFinishedByKey(key, found, failed));
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        later(() -> super.openResult(id, opened, failed));
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        later(() -> super.listFinished(query, listed, failed));
    }

    /** What waits is dropped: there is nothing that it could outlive the process in. */
    @Override
    public void close() {
        isClosed = true;
        super.close();
    }
}
