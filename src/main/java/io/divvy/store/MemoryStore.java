package io.divvy.store;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskProgress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps finished tasks in memory, the newest of them, and forgets all when the process ends. Commits are done at once and
 * callbacks run before the call returns. One thread calls it.
 */
public final class MemoryStore implements TaskStore {
    /** Tasks that one sweep forgets at most: well below a millisecond. */
    static final int TASKS_PER_SWEEP = 1_000;

    /** Tasks that one page of a list looks at, at most: below a millisecond, as the loop waits meanwhile. */
    static final int TASKS_PER_PAGE = 2_000;

    private final Retention retention;
    /** In the order in which they finished. */
    private final Map<TaskId, StoredTask> finished = new LinkedHashMap<>();

    /** In the order in which they are listed. */
    private final NavigableMap<TaskPosition, StoredTask> listed = new TreeMap<>();

    /** In the order of their ids read from the last character, so that those with the same end are neighbours. */
    private final NavigableMap<String, StoredTask> byIdEnd = new TreeMap<>(MemoryStore::compareBackwards);

    private final Map<SubmitKey, TaskId> bySubmitKey = new HashMap<>();
    /** Results that somebody has read from, to be let go of with their tasks. */
    private final Map<TaskId, MemoryResult> opened = new HashMap<>();

    private long bytes;

    public MemoryStore(Retention retention) {
        this.retention = retention;
    }

    /** That the finished tasks take by count. */
    long bytes() {
        return bytes;
    }

    @Override
    public boolean isDurable() {
        return false;
    }

    @Override
    public void recover(Consumer<UnfinishedTask> found) {
        // Nothing outlives the process.
    }

    @Override
    public void start(Executor loop, Listener listener) {
        // It never fails, and is never late.
    }

    @Override
    public void createTask(NewTask task, Runnable committed, Consumer<String> failed) {
        committed.run();
    }

    @Override
    public void patchTask(TaskId task, TaskPatch patch, Runnable committed) {
        committed.run();
    }

    @Override
    public void advanceTask(TaskId task, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) {
        committed.run();
    }

    @Override
    public void finishTask(StoredTask stored, Runnable committed) {
        StoredTask replaced = finished.put(stored.task().spec().id(), stored);
        if (replaced != null) {
            throw new IllegalStateException("task " + stored.task().spec().id() + " finished twice");
        }
        listed.put(stored.position(), stored);
        byIdEnd.put(stored.task().spec().id().value(), stored);
        bytes += stored.sizeBytes();
        SubmitKey key = stored.task().spec().submitKey();
        if (key != null) {
            bySubmitKey.put(key, stored.task().spec().id());
        }
        committed.run();
    }

    @Override
    public void findFinished(
            TaskId id, long longestResultBytes, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        found.accept(Optional.ofNullable(finished.get(id)).map(task -> task.withResultUpTo(longestResultBytes)));
    }

    @Override
    public void findFinishedByKey(SubmitKey key, Consumer<Optional<StoredTask>> found, Consumer<ReadFailure> failed) {
        found.accept(Optional.ofNullable(bySubmitKey.get(key)).map(finished::get));
    }

    @Override
    public void findFailures(TaskId id, Consumer<Optional<Failures>> found, Consumer<ReadFailure> failed) {
        found.accept(Optional.ofNullable(finished.get(id))
                .map(task -> new Failures(task.texts().failures())));
    }

    /** It knows what was submitted, and nothing of what was done. */
    @Override
    public void findRerun(TaskId id, Consumer<Optional<Rerun>> found, Consumer<ReadFailure> failed) {
        found.accept(Optional.ofNullable(finished.get(id)).map(task -> new Rerun(task.withResultUpTo(-1), List.of())));
    }

    @Override
    public void openResult(TaskId id, Consumer<Optional<OpenedResult>> opened, Consumer<ReadFailure> failed) {
        opened.accept(Optional.ofNullable(finished.get(id)).map(stored -> {
            byte[] result = stored.result();
            return new OpenedResult(
                    stored.task(),
                    result == null ? null : this.opened.computeIfAbsent(id, newlyOpened -> new MemoryResult(result)));
        }));
    }

    @Override
    public void listFinished(ListQuery query, Consumer<Page> listed, Consumer<ReadFailure> failed) {
        TaskPosition after = query.after();
        List<StoredTask> tasks = new ArrayList<>();
        TaskPosition last = after;
        int looked = 0;
        long resultBytes = 0;
        for (StoredTask stored : candidates(query.filter().idEnd(), after)) {
            if (tasks.size() == query.atMost() || looked == TASKS_PER_PAGE || resultBytes >= query.mostResultBytes()) {
                listed.accept(new Page(tasks, last));
                return;
            }
            looked++;
            last = stored.position();
            if (query.filter().matches(stored.task(), stored.notes())) {
                StoredTask shown = stored.listed(query.longestResultBytes());
                tasks.add(shown);
                byte[] result = shown.result();
                resultBytes += result == null ? 0 : result.length;
            }
        }
        listed.accept(new Page(tasks, null));
    }

    /** The tasks that a list looks at, in its order. */
    private Collection<StoredTask> candidates(@Nullable String idEnd, @Nullable TaskPosition after) {
        NavigableMap<TaskPosition, StoredTask> candidates = listed;
        if (idEnd != null) {
            candidates = new TreeMap<>();
            // An end comes before all ids that end so.
            for (Map.Entry<String, StoredTask> next : byIdEnd.tailMap(idEnd).entrySet()) {
                if (!next.getKey().endsWith(idEnd)) {
                    break;
                }
                candidates.put(next.getValue().position(), next.getValue());
            }
        }
        return (after == null ? candidates : candidates.tailMap(after, false)).values();
    }

    private static int compareBackwards(String a, String b) {
        int aAt = a.length() - 1;
        int bAt = b.length() - 1;
        for (; aAt >= 0 && bAt >= 0; aAt--, bAt--) {
            int order = Character.compare(a.charAt(aAt), b.charAt(bAt));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(aAt, bAt);
    }

    @Override
    public void deleteFinished(TaskId id, Consumer<Boolean> deleted) {
        StoredTask stored = finished.remove(id);
        if (stored != null) {
            forget(stored);
        }
        deleted.accept(stored != null);
    }

    @Override
    public void sweep(long nowMs) {
        Iterator<StoredTask> oldest = finished.values().iterator();
        for (int swept = 0; swept < TASKS_PER_SWEEP && nextSweepMs() <= nowMs; swept++) {
            StoredTask stored = oldest.next();
            oldest.remove();
            forget(stored);
        }
    }

    @Override
    public long nextSweepMs() {
        if (finished.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (finished.size() > 1 && (finished.size() > retention.tasks() || bytes > retention.bytes())) {
            return 0;
        }
        long finishedMs = finished.values().iterator().next().finishedMs();
        return finishedMs > Long.MAX_VALUE - retention.ms() ? Long.MAX_VALUE : finishedMs + retention.ms();
    }

    @Override
    public void close() {
        finished.clear();
        listed.clear();
        byIdEnd.clear();
        bySubmitKey.clear();
        opened.clear();
        bytes = 0;
    }

    private void forget(StoredTask stored) {
        bytes -= stored.sizeBytes();
        listed.remove(stored.position());
        byIdEnd.remove(stored.task().spec().id().value());
        MemoryResult result = opened.remove(stored.task().spec().id());
        if (result != null) {
            result.forget();
        }
        SubmitKey key = stored.task().spec().submitKey();
        if (key != null) {
            bySubmitKey.remove(key, stored.task().spec().id());
        }
    }
}
