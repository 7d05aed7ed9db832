package io.divvy.scheduler;

/**
 * How large a task is.
 *
 * @param subtasks how many it has
 * @param bytes about what it takes in memory while it is open, here and outside, with its params and payloads and without
 *     its results
 */
public record TaskSize(long subtasks, long bytes) {}
