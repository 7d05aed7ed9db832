package io.divvy.store;

import io.divvy.state.TaskPosition;
import org.jspecify.annotations.Nullable;

/**
 * Which part of the list of finished tasks somebody wants to see.
 *
 * @param after begin behind this position, or null for the newest
 * @param atMost tasks of the page
 * @param longestResultBytes results that are longer are left out
 * @param mostResultBytes the page ends with the result that reaches so many bytes of all results together
 */
public record ListQuery(
        TaskFilter filter, @Nullable TaskPosition after, int atMost, long longestResultBytes, long mostResultBytes) {
    /** What is shown of what was submitted is left out where it is longer: a page may have a thousand of them. */
    public static final int LONGEST_INPUT_BYTES = 512;
}
