package io.divvy.store;

import org.jspecify.annotations.Nullable;

/**
 * What is shown of a finished task as it is, as JSON: no store looks into it. Array contents are shared, not copied: nobody
 * changes them.
 *
 * @param input what was submitted, in short; null of a task that ended before that was kept, or where a list leaves it out
 */
public record StoredTexts(byte @Nullable [] input) {
    public static final StoredTexts NONE = new StoredTexts(null);

    /** The same as a list has it. */
    StoredTexts listed() {
        return input == null || input.length <= ListQuery.LONGEST_INPUT_BYTES ? this : NONE;
    }

    long sizeBytes() {
        return input == null ? 0 : ARRAY_BYTES + input.length;
    }

    private static final long ARRAY_BYTES = 16;
}
