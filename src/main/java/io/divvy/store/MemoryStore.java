package io.divvy.store;

import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskPosition;
import io.divvy.scheduler.TaskProgress;
import java.util.ArrayList;
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

    /** Tasks that one page of a list looks at, at most: a few milliseconds. */
    static final int TASKS_PER_PAGE = 10_000;

    private final Retention retention;
    /** In the order in which they finished. */
    private final Map<TaskId, StoredTask> finished = new LinkedHashMap<>();

    /** In the order in which they are listed. */
    private final NavigableMap<TaskPosition, StoredTask> listed = new TreeMap<>();

    private final Map<String, TaskId> bySubmitKey = new HashMap<>();
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
        bytes += stored.sizeBytes();
        String key = stored.task().spec().submitKey();
        if (key != null) {
            bySubmitKey.put(key, stored.task().spec().id());
        }
        committed.run();
    }

    @Override
    public void findFinished(TaskId id, Consumer<Optional<StoredTask>> found) {
        found.accept(Optional.ofNullable(finished.get(id)));
    }

    @Override
    public void findFinishedByKey(String submitKey, Consumer<Optional<StoredTask>> found) {
        found.accept(Optional.ofNullable(bySubmitKey.get(submitKey)).map(finished::get));
    }

    @Override
    public void listFinished(
            TaskFilter filter, @Nullable TaskPosition after, int atMost, long longestResultBytes, Consumer<Page> page) {
        List<StoredTask> tasks = new ArrayList<>();
        TaskPosition last = after;
        int looked = 0;
        for (StoredTask stored : (after == null ? listed : listed.tailMap(after, false)).values()) {
            if (tasks.size() == atMost || looked == TASKS_PER_PAGE) {
                page.accept(new Page(tasks, last));
                return;
            }
            looked++;
            last = stored.position();
            if (filter.matches(stored.task(), stored.notes())) {
                tasks.add(stored.withResultUpTo(longestResultBytes));
            }
        }
        page.accept(new Page(tasks, null));
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
        bySubmitKey.clear();
        bytes = 0;
    }

    private void forget(StoredTask stored) {
        bytes -= stored.sizeBytes();
        listed.remove(stored.position());
        String key = stored.task().spec().submitKey();
        if (key != null) {
            bySubmitKey.remove(key, stored.task().spec().id());
        }
    }
}
