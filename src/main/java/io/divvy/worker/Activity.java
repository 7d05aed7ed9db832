package io.divvy.worker;

import org.jspecify.annotations.Nullable;

/**
 * What a worker does now, and what it has done since it was made.
 *
 * @param busySlots that run something, of {@code slots}
 * @param taskType of one of the things that run; null if nothing does
 * @param done subtasks that were done, also those of which nobody could be told
 * @param failed attempts that failed
 */
public record Activity(int busySlots, int slots, @Nullable String taskType, long done, long failed) {}
