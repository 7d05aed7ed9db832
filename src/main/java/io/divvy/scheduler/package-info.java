/**
 * The pure core: which indexes of which task go to which worker, what counts, and when a task has ended.
 *
 * <p>One thread, no I/O, no clock, no logging. Time, randomness and every answer from outside arrive as arguments; what
 * should happen in the world leaves as {@link io.divvy.scheduler.Effect effects}. The embedder's whole loop is
 *
 * <pre>{@code
 * for (Effect effect : scheduler.handle(event, nowMs)) execute(effect);   // each event; may lead to further ones
 * for (Effect effect : scheduler.tick(nowMs)) execute(effect);            // then, when nextDeadlineMs() has come
 * }</pre>
 *
 * <p>A task is a range of indexes, not a list: the state grows with open chunks and leases, never with the number of
 * subtasks.
 */
@NullMarked
package io.divvy.scheduler;

import org.jspecify.annotations.NullMarked;
