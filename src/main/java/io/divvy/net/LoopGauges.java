package io.divvy.net;

/**
 * How full the event loop is at one moment.
 *
 * @param connections open or closing
 * @param muted connections that are not read from: they are slow to read, wait for room, or have enough to wait for
 * @param outboundBytes that the frames take which wait for all peers
 * @param partialFrameBytes that the incomplete frames of all connections take
 * @param deadlines that are armed
 */
public record LoopGauges(int connections, int muted, long outboundBytes, long partialFrameBytes, int deadlines) {}
