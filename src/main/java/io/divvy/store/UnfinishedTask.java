package io.divvy.store;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task that was not finished when the last server ended. Made by a {@link Draft}, by name.
 *
 * @param submitKey what its sender calls it, or null
 * @param object what was submitted, as JSON
 * @param fingerprint as it was when it was submitted
 * @param keepsResults whether it was combined in a way that keeps the results themselves
 * @param subtasks how many it had then
 * @param patch what changed of it since
 * @param chunks those that were touched, in ascending order
 */
public record UnfinishedTask(
        TaskId id,
        @Nullable SubmitKey submitKey,
        byte[] object,
        String fingerprint,
        boolean keepsResults,
        long subtasks,
        long submittedMs,
        TaskPatch patch,
        TaskProgress progress,
        List<ChunkRow> chunks) {

    /** A task that is made up, by name. */
    public static final class Draft {
        private final TaskId id;
        private final @Nullable SubmitKey submitKey;
        private final byte[] object;
        public String fingerprint = "";
        public boolean keepsResults;
        public long subtasks;
        public long submittedMs;
        public TaskPatch patch = TaskPatch.NONE;
        public List<ChunkRow> chunks = List.of();

        public Draft(TaskId id, @Nullable SubmitKey submitKey, byte[] object) {
            this.id = id;
            this.submitKey = submitKey;
            this.object = object;
        }

        public UnfinishedTask finish(TaskProgress progress) {
            return new UnfinishedTask(
                    id, submitKey, object, fingerprint, keepsResults, subtasks, submittedMs, patch, progress, chunks);
        }
    }
}
