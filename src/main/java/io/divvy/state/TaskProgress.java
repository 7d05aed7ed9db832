package io.divvy.state;

import org.jspecify.annotations.Nullable;

/**
 * What survives of an unfinished task beside its chunks.
 *
 * @param startedMs when the first lease was cut, or null
 * @param limit results from this index on are not needed; the number of subtasks unless the task can end early
 * @param lastFailure why the last subtask was given up, in a task that goes on without it; else empty
 */
public record TaskProgress(@Nullable Long startedMs, long retries, long duplicates, long limit, String lastFailure) {}
