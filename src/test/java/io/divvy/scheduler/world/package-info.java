/**
 * A simulated world around the core: senders, workers, a network, a store and clocks that do all that real ones may do, from
 * one seed and in virtual time. What they do is checked after every event, and at the end the answers are, to the last bit.
 */
@NullMarked
package io.divvy.scheduler.world;

import org.jspecify.annotations.NullMarked;
