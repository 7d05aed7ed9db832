package io.divvy.store;

import io.divvy.scheduler.TaskSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A finished task as it is kept. Array contents are shared, not copied: nobody changes them.
 *
 * @param description JSON of what people gave it: its name and labels
 * @param result JSON of its answer, or null if it did not complete
 */
public record StoredTask(TaskSnapshot task, byte[] description, byte @Nullable [] result) {

    long sizeBytes() {
        return OVERHEAD_BYTES
                + description.length
                + RANGE_BYTES * task.failedRanges().size()
                + (result == null ? 0 : result.length);
    }

    /** About what a task takes without its own data. */
    private static final long OVERHEAD_BYTES = 600;

    /** What a range of failed subtasks takes. */
    private static final long RANGE_BYTES = 40;
}
