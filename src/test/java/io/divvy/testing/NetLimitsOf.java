package io.divvy.testing;

import io.divvy.net.NetLimits;

/** The usual limits of the event loop with some of them set so low that a test reaches them. */
public final class NetLimitsOf {
    private NetLimitsOf() {}

    public static NetLimits partialFrameBytes(long most) {
        return NetLimits.DEFAULT.with(draft -> draft.partialFrameBytes = most);
    }

    /** So little is read from a connection at once. */
    public static NetLimits readBufferBytes(int bytes) {
        return NetLimits.DEFAULT.with(draft -> draft.readBufferBytes = bytes);
    }

    /** With so little room in the system that the server soon has to wait for a peer that does not read. */
    public static NetLimits outbound(
            int connections, long writeTimeoutMs, long muteAboveBytes, long outboundBytes, long allOutboundBytes) {
        return NetLimits.DEFAULT.with(draft -> {
            draft.connections = connections;
            draft.writeTimeoutMs = writeTimeoutMs;
            draft.muteAboveBytes = muteAboveBytes;
            draft.unmuteBelowBytes = 16 << 10;
            draft.outboundBytes = outboundBytes;
            draft.allOutboundBytes = allOutboundBytes;
            draft.sendBufferBytes = 8 << 10;
        });
    }
}
