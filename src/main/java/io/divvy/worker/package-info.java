/**
 * The worker that ships: it connects to a server, takes leases of the task types that it has, and runs their subtasks on
 * its slots.
 *
 * <pre>
 *   Worker          connects, again and again, until it is drained
 *     WorkSession   one connection: reads messages, sends answers and heartbeats
 *       LeaseQueue  what is assigned and not started yet
 *       Slot × N    a thread that takes a batch from the queue, runs it, and answers
 * </pre>
 */
@NullMarked
package io.divvy.worker;

import org.jspecify.annotations.NullMarked;
