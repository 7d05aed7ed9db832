package io.divvy.store;

import io.divvy.state.TaskSnapshot;
import java.util.List;

/**
 * A task that was submitted.
 *
 * @param object what was submitted, as JSON: what is needed to go on with the task after a restart
 * @param done chunks of which something is done already, each with {@code seq} 1, in ascending order
 */
public record NewTask(TaskSnapshot task, TaskNotes notes, byte[] object, List<ChunkRow> done) {
    /** Of which nothing is done. */
    public NewTask(TaskSnapshot task, TaskNotes notes, byte[] object) {
        this(task, notes, object, List.of());
    }
}
