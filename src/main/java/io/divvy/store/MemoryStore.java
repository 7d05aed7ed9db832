package io.divvy.store;

import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskSnapshot;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps finished tasks in memory, the newest of them, and forgets all when the process ends. Commits are done at once and
 * callbacks run before the call returns. One thread calls it.
 */
public final class MemoryStore implements TaskStore {
    private final int maxTasks;
    private final long maxBytes;
    /** In the order in which they finished. */
    private final Map<TaskId, StoredTask> finished = new LinkedHashMap<>();

    private final Map<String, TaskId> bySubmitKey = new HashMap<>();
    private long bytes;

    /** @param maxBytes that finished tasks may take together; the newest one is kept whatever its size */
    public MemoryStore(int maxTasks, long maxBytes) {
        this.maxTasks = maxTasks;
        this.maxBytes = maxBytes;
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
    public void createTask(TaskSnapshot task, byte[] description, Runnable committed) {
        committed.run();
    }

    @Override
    public void finishTask(StoredTask stored, Runnable committed) {
        StoredTask replaced = finished.put(stored.task().spec().id(), stored);
        if (replaced != null) {
            throw new IllegalStateException("task " + stored.task().spec().id() + " finished twice");
        }
        bytes += stored.sizeBytes();
        String key = stored.task().spec().submitKey();
        if (key != null) {
            bySubmitKey.put(key, stored.task().spec().id());
        }
        sweep();
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
    public void close() {
        finished.clear();
        bySubmitKey.clear();
        bytes = 0;
    }

    /** Forgets the oldest tasks while there are too many. One came, so few go. */
    private void sweep() {
        Iterator<StoredTask> oldest = finished.values().iterator();
        while (finished.size() > 1 && (finished.size() > maxTasks || bytes > maxBytes)) {
            StoredTask swept = oldest.next();
            oldest.remove();
            bytes -= swept.sizeBytes();
            forgetKey(swept.task().spec().submitKey(), swept.task().spec().id());
        }
    }

    private void forgetKey(@Nullable String key, TaskId id) {
        if (key != null) {
            bySubmitKey.remove(key, id);
        }
    }
}
