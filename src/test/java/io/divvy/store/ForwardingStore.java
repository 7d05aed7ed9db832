package io.divvy.store;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A store before another one, for tests that have something to say about what passes. */
public class ForwardingStore implements TaskStore {
    private final TaskStore store;

    public ForwardingStore(TaskStore store) {
        this.store = store;
    }

    @Override
    public boolean isDurable() {
        return store.isDurable();
    }

    @Override
    public void recover(Consumer<UnfinishedTask> found) throws StoreOpenException {
        store.recover(found);
    }

    @Override
    public void start(Executor loop, Listener listener) {
        store.start(loop, listener);
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        store.createTask(task, committed, failed);
    }

    @Override
    public void patchTask(TaskId task, TaskPatch patch, Runnable committed) {
        store.patchTask(task, patch, committed);
    }

    @Override
    public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        store.advanceTask(task, progress, chunks, committed);
    }

    @Override
    public void finishTask(StoredTask task, Runnable committed) {
        store.finishTask(task, committed);
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        store.findFinished(id, longestResultBytes, found, failed);
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        store.findFinishedByKey(key, found, failed);
    }

    @Override
    public void findFailures(TaskId id, Consumer<Optional<Failures>> found, Consumer<ReadFailure> failed) {
        store.findFailures(id, found, failed);
    }

    @Override
    public void findRerun(TaskId id, Consumer<Optional<Rerun>> found, Consumer<ReadFailure> failed) {
        store.findRerun(id, found, failed);
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        store.openResult(id, opened, failed);
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        store.listFinished(query, listed, failed);
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        store.deleteFinished(id, deleted);
    }

    @Override
    public void sweep(long nowMs) {
        store.sweep(nowMs);
    }

    @Override
    public long nextSweepMs() {
        return store.nextSweepMs();
    }

    @Override
    public boolean isBeyondRepair() {
        return store.isBeyondRepair();
    }

    @Override
    public void close() {
        store.close();
    }
}
