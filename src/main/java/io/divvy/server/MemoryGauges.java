package io.divvy.server;

/**
 * How much of what clients can make grow is there, in bytes. All are 0 in a server without tasks and workers.
 *
 * @param openTasks unfinished tasks with their payloads
 * @param submissions whose key is looked up
 * @param answers what is folded of results, and answers that are not saved
 * @param earlyResults that wait for lower ones
 * @param subtasks what is known of single ones
 * @param leases of workers, and what is remembered of others
 * @param unsavedResults that are not durable
 * @param declaredTypes what workers say of themselves
 */
public record MemoryGauges(
        long openTasks,
        long submissions,
        long answers,
        long earlyResults,
        long subtasks,
        long leases,
        long unsavedResults,
        long declaredTypes) {}
