package io.divvy.server;

import io.divvy.scheduler.Scheduler;

/**
 * How much of what clients can make grow is there in the core, in bytes.
 *
 * @param openTasks unfinished tasks with their payloads
 * @param earlyResults that wait for lower ones
 * @param subtasks what is known of single ones
 * @param leases of workers, and what is remembered of others
 * @param unsavedResults that are not durable
 */
public record CoreGauges(long openTasks, long earlyResults, long subtasks, long leases, long unsavedResults) {
    static CoreGauges of(Scheduler scheduler) {
        return new CoreGauges(
                scheduler.openTaskBytes(),
                scheduler.earlyResultBytes(),
                scheduler.subtaskBytes(),
                scheduler.workerBytes(),
                scheduler.unsavedResultBytes());
    }
}
