package io.divvy.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection, as the owner of the connection sees it: what can be sent there, and on which terms it is heard.
 * What comes from there is told to a {@link ConnectionHandler}. To be used on the loop's thread.
 */
public interface Peer {
    /** Who gets what comes from now on. */
    void setHandler(ConnectionHandler newHandler);

    /** Calls {@link ConnectionHandler#onTimeout} once no frame has come for so long; {@link Long#MAX_VALUE} for never. */
    void setIdleTimeoutMs(long timeoutMs);

    /** Sends a frame, header included, with all others of this turn. Does nothing once the connection is closing. */
    void send(ByteBuffer frame);

    /**
     * Sends a frame that nobody waits for: with this turn's write if there is one, else at the end of the next turn, or before
     * the loop sleeps. A write costs the loop, and waking costs the peer, more than all else that a small frame needs.
     */
    void sendInCompany(ByteBuffer frame);

    /** Sends the frame, header included, whenever nothing else was written for so long, as long as the connection is open. */
    void sendWhenQuiet(ByteBuffer frame, long periodMs);

    /** Bytes that the peer has not taken yet. */
    long outboundBytes();

    /** Reads no more until {@link #resume}; some frames that were read already may still come. */
    void pause();

    /** Reads again, if nothing else speaks against it. */
    void resume();

    /** Runs the action at a time of the loop's clock, unless it is cancelled before. One that fails ends the connection. */
    Timeline.Scheduled schedule(long dueMs, Runnable action);

    boolean isOpen();

    /** Closes once all that was sent before has been written. */
    void close(String reason);

    /** Where the peer connects from; null where the system does not say. */
    @Nullable
    InetSocketAddress remoteAddress();
}
