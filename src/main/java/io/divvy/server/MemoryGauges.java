package io.divvy.server;

/**
 * How much of what clients can make grow is there, in bytes. All are 0 in a server without tasks and workers.
 *
 * @param submissions whose key is looked up
 * @param answers what is folded of results, and answers that are not saved
 * @param declaredTypes what workers say of themselves
 */
public record MemoryGauges(CoreGauges core, long submissions, long answers, long declaredTypes) {}
