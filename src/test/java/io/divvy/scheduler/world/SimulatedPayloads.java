package io.divvy.scheduler.world;

import io.divvy.scheduler.Payloads;

/** The payloads of {@code [from, to)}. */
record SimulatedPayloads(long from, long to) implements Payloads {}
