package io.divvy.testing;

import io.divvy.net.NetLimits;

/** The usual limits of the event loop with some of them set so low that a test reaches them. */
public final class NetLimitsOf {
    private static final NetLimits USUAL = NetLimits.DEFAULT;

    private NetLimitsOf() {}

    public static NetLimits partialFrameBytes(long most) {
        return new NetLimits(
                USUAL.maxFrameBytes(),
                USUAL.firstFrameBytes(),
                most,
                USUAL.connections(),
                USUAL.handshakeTimeoutMs(),
                USUAL.frameTimeoutMs(),
                USUAL.frameLongestMs(),
                USUAL.writeTimeoutMs(),
                USUAL.lingerMs(),
                USUAL.muteAboveBytes(),
                USUAL.unmuteBelowBytes(),
                USUAL.outboundBytes(),
                USUAL.allOutboundBytes(),
                USUAL.sendBufferBytes(),
                USUAL.readBufferBytes(),
                USUAL.mailboxEntries(),
                USUAL.spinMicros());
    }

    /** So little is read from a connection at once. */
    public static NetLimits readBufferBytes(int bytes) {
        return new NetLimits(
                USUAL.maxFrameBytes(),
                USUAL.firstFrameBytes(),
                USUAL.partialFrameBytes(),
                USUAL.connections(),
                USUAL.handshakeTimeoutMs(),
                USUAL.frameTimeoutMs(),
                USUAL.frameLongestMs(),
                USUAL.writeTimeoutMs(),
                USUAL.lingerMs(),
                USUAL.muteAboveBytes(),
                USUAL.unmuteBelowBytes(),
                USUAL.outboundBytes(),
                USUAL.allOutboundBytes(),
                USUAL.sendBufferBytes(),
                bytes,
                USUAL.mailboxEntries(),
                USUAL.spinMicros());
    }

    /** With so little room in the system that the server soon has to wait for a peer that does not read. */
    public static NetLimits outbound(
            int connections, long writeTimeoutMs, long muteAboveBytes, long outboundBytes, long allOutboundBytes) {
        return new NetLimits(
                USUAL.maxFrameBytes(),
                USUAL.firstFrameBytes(),
                USUAL.partialFrameBytes(),
                connections,
                USUAL.handshakeTimeoutMs(),
                USUAL.frameTimeoutMs(),
                USUAL.frameLongestMs(),
                writeTimeoutMs,
                USUAL.lingerMs(),
                muteAboveBytes,
                16 << 10,
                outboundBytes,
                allOutboundBytes,
                8 << 10,
                USUAL.readBufferBytes(),
                USUAL.mailboxEntries(),
                USUAL.spinMicros());
    }
}
