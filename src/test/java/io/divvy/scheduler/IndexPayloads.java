package io.divvy.scheduler;

/** The payloads of {@code [from, to)}. */
record IndexPayloads(long from, long to) implements Payloads {}
