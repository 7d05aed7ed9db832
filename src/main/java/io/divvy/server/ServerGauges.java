package io.divvy.server;

import io.divvy.net.LoopGauges;

/**
 * How full the server is at one moment.
 *
 * @param workers that are connected
 * @param memory what all of that takes
 */
public record ServerGauges(LoopGauges loop, int workers, DeskGauges desk, MemoryGauges memory) {}
