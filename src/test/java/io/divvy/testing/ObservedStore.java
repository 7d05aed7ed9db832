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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A store of which a test can see, on any thread, what it has not answered yet. Sweeps have no answer. */
final class ObservedStore extends ForwardingStore {
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();

    ObservedStore(TaskStore store) {
        super(store);
    }

    /** How often it was called so far. */
    long calls() {
        return calls.get();
    }

    /** Calls that are not answered, or whose answer was not acted on to the end. */
    long unanswered() {
        long answered = answers.get(); // First, so that the difference is never below what it was.
        return calls.get() - answered;
    }

    private Runnable answering(Runnable answer) {
        return () -> {
            try {
                answer.run();
            } finally {
                answers.incrementAndGet();
            }
        };
    }

    private <T> Consumer<T> answering(Consumer<T> answer) {
        return value -> answering(() -> answer.accept(value)).run();
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        calls.incrementAndGet();
        super.createTask(task, answering(committed), answering(failed));
    }

    @Override
    public void patchTask(TaskId task, TaskPatch patch, Runnable committed) {
        calls.incrementAndGet();
        super.patchTask(task, patch, answering(committed));
    }

    @Override
    public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        calls.incrementAndGet();
        super.advanceTask(task, progress, chunks, answering(committed));
    }

    @Override
    public void finishTask(StoredTask task, Runnable committed) {
        calls.incrementAndGet();
        super.finishTask(task, answering(committed));
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        calls.incrementAndGet();
        super.findFinished(id, longestResultBytes, answering(found), answering(failed));
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        calls.incrementAndGet();
        super.findFinishedByKey(key, answering(found), answering(failed));
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        calls.incrementAndGet();
        super.openResult(id, answering(opened), answering(failed));
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        calls.incrementAndGet();
        super.listFinished(query, answering(listed), answering(failed));
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        calls.incrementAndGet();
        super.deleteFinished(id, answering(deleted));
    }
}
