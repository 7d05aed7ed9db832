package io.divvy.store;

import io.divvy.scheduler.TaskPosition;
import io.divvy.scheduler.TaskSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A finished task as it is kept. Array contents are shared, not copied: nobody changes them.
 *
 * @param result JSON of its answer, or null if it did not complete
 */
public record StoredTask(TaskSnapshot task, TaskNotes notes, byte @Nullable [] result) {

    public TaskPosition position() {
        return new TaskPosition(task.submittedMs(), task.spec().id());
    }

    long finishedMs() {
        Long ms = task.finishedMs();
        if (ms == null) {
            throw new IllegalStateException("task " + task.spec().id() + " is not finished");
        }
        return ms;
    }

    long sizeBytes() {
        return OVERHEAD_BYTES
                + notes.sizeBytes()
                + RANGE_BYTES * task.failedRanges().size()
                + (result == null ? 0 : result.length);
    }

    /** About what a task takes without its own data. */
    private static final long OVERHEAD_BYTES = 800;

    /** What a range of failed subtasks takes. */
    private static final long RANGE_BYTES = 40;
}
