/**
 * The worker that ships: it connects to a server, takes leases of the task types that it has, and runs their subtasks on
 * its slots.
 *
 * <pre>
 *   Worker               connects, again and again, until it is drained
 *     WorkSession        one connection: reads messages, sends answers and heartbeats
 *     Workshop           the work, whatever becomes of the connections: where threads meet the core
 *       WorkerCore       decides, without threads, sockets or a clock
 *         LeaseQueue     what is assigned over the present connection and not started yet
 *         UnackedResults what was answered and may not be durable; it is offered on the next connection
 *       Slot × N         a thread that takes a batch, runs it (BatchRun), and answers (Answers)
 * </pre>
 */
@NullMarked
package io.divvy.worker;

import org.jspecify.annotations.NullMarked;
