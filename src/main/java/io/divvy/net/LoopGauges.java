package io.divvy.net;

/**
 * How full the event loop is at one moment.
 *
 * @param connections open or closing
 * @param muted connections that are not read from because they are slow to read
 * @param outboundBytes that wait for all peers together
 * @param deadlines that are armed
 */
public record LoopGauges(int connections, int muted, long outboundBytes, int deadlines) {}
