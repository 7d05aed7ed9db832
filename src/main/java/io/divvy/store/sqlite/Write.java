package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.NewTask;
import io.divvy.store.StoredTask;
import java.util.List;
import java.util.function.Consumer;

/** Something that is to be committed. */
sealed interface Write {
    TaskId id();

    record Create(NewTask task, Runnable committed, Consumer<String> failed) implements Write {
        @Override
        public TaskId id() {
            return task.task().spec().id();
        }
    }

    record Patch(TaskId id, TaskPatch patch, Runnable committed) implements Write {}

    record Advance(TaskId id, TaskProgress progress, List<ChunkRow> chunks, Runnable committed) implements Write {}

    record Finish(StoredTask task, Runnable committed) implements Write {
        @Override
        public TaskId id() {
            return task.task().spec().id();
        }
    }

    record Delete(TaskId id, Consumer<Boolean> deleted) implements Write {}

    /** Who created a task was told that this failed: nothing more will come of it. */
    record FailureTold(TaskId id) implements Write {}
}
