package io.divvy.server;

/**
 * How much of what clients can make grow is there, in bytes. All are 0 in a server without tasks and workers.
 *
 * @param openTasks unfinished tasks with their payloads
 * @param submissions whose key is looked up
 * @param declaredTypes what workers say of themselves
 */
public record MemoryGauges(long openTasks, long submissions, long declaredTypes) {}
