package io.divvy.store;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import org.jspecify.annotations.Nullable;

/**
 * A finished task as it is kept. Array contents are shared, not copied: nobody changes them.
 *
 * @param result JSON of its answer; null if it did not complete, or if it was left out of a list
 */
public record StoredTask(TaskSnapshot task, TaskNotes notes, StoredTexts texts, byte @Nullable [] result) {

    public TaskPosition position() {
        return new TaskPosition(task.submittedMs(), task.spec().id());
    }

    /** When it ended, in milliseconds since the epoch. */
    public long finishedMs() {
        Long ms = task.finishedMs();
        if (ms == null) {
            throw new IllegalStateException("task " + task.spec().id() + " is not finished");
        }
        return ms;
    }

    /** The same, but for a result that is longer than this. */
    public StoredTask withResultUpTo(long bytes) {
        return result == null || result.length <= bytes ? this : new StoredTask(task, notes, texts, null);
    }

    /** The same as a list has it, without what takes long to read or to send a thousand times. */
    StoredTask listed(long longestResultBytes) {
        return new StoredTask(task, notes, texts.listed(), result).withResultUpTo(longestResultBytes);
    }

    /** About how much memory it takes in a store, rather more than less. */
    long sizeBytes() {
        TaskSpec spec = task.spec();
        TaskFailure failure = task.failure();
        SubmitKey key = spec.submitKey();
        return OVERHEAD_BYTES
                + textBytes(spec.id().value())
                + textBytes(spec.type())
                + (key == null ? 0 : KEY_BYTES + textBytes(key.text()))
                + textBytes(spec.fingerprint())
                + (failure == null ? 0 : FAILURE_BYTES + textBytes(failure.message()) + textBytes(failure.worker()))
                + notes.sizeBytes()
                + texts.sizeBytes()
                + RANGE_BYTES * task.failedRanges().size()
                + (result == null ? 0 : result.length);
    }

    /** Two bytes for each character, as if none were of Latin-1. */
    private static long textBytes(@Nullable String text) {
        return text == null ? 0 : TEXT_BYTES + 2L * text.length();
    }

    /** The objects of a task without what they refer to, and its places in the tables. */
    private static final long OVERHEAD_BYTES = 920;

    private static final long TEXT_BYTES = 56;
    private static final long KEY_BYTES = 24;
    private static final long FAILURE_BYTES = 120;

    /** What a range of failed subtasks takes. */
    private static final long RANGE_BYTES = 40;
}
