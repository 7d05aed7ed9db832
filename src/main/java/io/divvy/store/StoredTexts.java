package io.divvy.store;

import org.jspecify.annotations.Nullable;

/**
 * What is kept of a finished task as it is, as JSON: no store looks into it. Array contents are shared, not copied: nobody
 * changes them.
 *
 * @param input what was submitted, in short; null of a task that ended before that was kept, or where a list leaves it out
 * @param failureKinds what kinds of failures its subtasks had; null if none failed, or in a list
 * @param failures of single subtasks; null if none failed, or where they are not asked for
 * @param whole all that was submitted, of a task that is worth to be run again with what was done of it; else null, and where
 *     it is not asked for
 */
public record StoredTexts(
        byte @Nullable [] input, byte @Nullable [] failureKinds, byte @Nullable [] failures, byte @Nullable [] whole) {
    public static final StoredTexts NONE = ofInput(null);

    /** Of a task of which no subtask failed. */
    public static StoredTexts ofInput(byte @Nullable [] input) {
        return new StoredTexts(input, null, null, null);
    }

    /** The same as a list has it. */
    StoredTexts listed() {
        return ofInput(input == null || input.length > ListQuery.LONGEST_INPUT_BYTES ? null : input);
    }

    long sizeBytes() {
        return sizeBytes(input) + sizeBytes(failureKinds) + sizeBytes(failures) + sizeBytes(whole);
    }

    private static long sizeBytes(byte @Nullable [] text) {
        return text == null ? 0 : ARRAY_BYTES + text.length;
    }

    private static final long ARRAY_BYTES = 16;
}
