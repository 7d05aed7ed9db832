package io.divvy.net;

/**
 * Every bound of the event loop, with its unit in its name.
 *
 * @param maxFrameBytes a longer frame is refused before anything is allocated for it
 * @param connections open at once; at the limit no more are accepted until one closes
 * @param handshakeTimeoutMs for the first frame of a connection: who says nothing holds a place for no longer
 * @param frameTimeoutMs for the rest of a frame that has begun
 * @param writeTimeoutMs for a peer to take any byte of what waits for it
 * @param lingerMs for a peer to read the last message and close its side
 * @param muteAboveBytes outbound bytes above which a peer is not read from any more
 * @param unmuteBelowBytes outbound bytes below which it is read from again
 * @param outboundBytes outbound bytes above which a peer that does not read is disconnected
 * @param sendBufferBytes that the system keeps for each connection; 0 leaves that to the system
 * @param readBufferBytes of the one buffer that all connections are read into
 * @param mailboxEntries tasks from other threads that wait for the loop; beyond it those who can wait are refused
 */
public record NetLimits(
        int maxFrameBytes,
        int connections,
        long handshakeTimeoutMs,
        long frameTimeoutMs,
        long writeTimeoutMs,
        long lingerMs,
        long muteAboveBytes,
        long unmuteBelowBytes,
        long outboundBytes,
        int sendBufferBytes,
        int readBufferBytes,
        int mailboxEntries) {

    public static final NetLimits DEFAULT = new NetLimits(
            4 << 20, 20_000, 10_000, 30_000, 60_000, 2_000, 1 << 20, 1 << 18, 32 << 20, 0, 1 << 16, 100_000);
}
