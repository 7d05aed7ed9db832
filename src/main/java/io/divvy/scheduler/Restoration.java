package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * How a task goes on where a former server was. Each index is again where it was when that was last saved; what was not saved
 * is to be done again.
 */
final class Restoration {
    private final TaskState task;

    private final long nowMs;

    private Restoration(TaskState task, long nowMs) {
        this.task = task;
        this.nowMs = nowMs;
    }

    /** Restores a task of which nothing is known but what it is. */
    static void restore(TaskState task, Event.TaskRestored event, Accounting accounting, long nowMs) {
        task.restore(event.progress());
        restore(task, event.chunks(), accounting, nowMs);
    }

    /** A new task begins with what was done of another one. */
    static void submit(Event.TaskSubmitted event, TaskLifecycle tasks, Accounting accounting, long nowMs) {
        TaskState task = tasks.submit(event);
        if (task != null && !event.done().isEmpty()) {
            restore(task, event.done(), accounting, nowMs);
            tasks.moved(task);
        }
    }

    private static void restore(TaskState task, List<ChunkProgress> saved, Accounting accounting, long nowMs) {
        List<Chunk> chunks = new Restoration(task, nowMs).restore(saved);
        for (int i = 0; i < chunks.size(); i++) {
            accounting.restore(task, chunks.get(i), saved.get(i));
        }
    }

    /** Returns its saved chunks, in the order of their progress. */
    private List<Chunk> restore(List<ChunkProgress> saved) {
        saved.forEach(this::reach);
        List<Chunk> chunks = new ArrayList<>(saved.size());
        for (ChunkProgress progress : saved) {
            chunks.add(restore(progress));
        }
        return chunks;
    }

    /** What was leased once and is not closed was given back. */
    private void reach(ChunkProgress progress) {
        for (Range closed : progress.closed()) {
            task.indexes.reach(closed.to());
        }
        for (ChunkProgress.Attempts attempts : progress.attempts()) {
            task.indexes.reach(attempts.index() + 1);
        }
    }

    private Chunk restore(ChunkProgress progress) {
        Chunk chunk = task.indexes.openChunk(progress.number());
        chunk.restore(progress);
        IndexRanges succeeded = new IndexRanges();
        progress.closed().forEach(range -> succeeded.add(range.from(), range.to()));
        for (Range range : progress.failed()) {
            succeeded.remove(range.from(), range.to());
            task.indexes.close(chunk, range.from(), range.to(), false);
        }
        succeeded.toList().forEach(range -> task.indexes.close(chunk, range.from(), range.to(), true));
        task.histories.restore(progress.attempts());
        for (long suspect : task.histories.needTrial(chunk.from, chunk.to)) {
            task.indexes.putOnTrial(chunk, suspect, nowMs);
        }
        return chunk;
    }
}
