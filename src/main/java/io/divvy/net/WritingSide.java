package io.divvy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * What a connection writes: what waits for its peer, within what may wait for one and for all, and when in the loop's turn it
 * goes.
 */
final class WritingSide {
    private final EventLoop loop;
    private final NetLimits limits;
    private final SocketChannel channel;
    private final Connection connection;
    private final PeerTimes times;
    private final OutboundQueue queue = new OutboundQueue();

    private boolean flushScheduled;
    private boolean waitsForCompany;
    /** By the clock: what is due to the peer does not wait for what it owes. */
    private long lastWrittenMs;

    WritingSide(EventLoop loop, NetLimits limits, SocketChannel channel, Connection connection, PeerTimes times) {
        this.loop = loop;
        this.limits = limits;
        this.channel = channel;
        this.connection = connection;
        this.times = times;
    }

    /** Bytes that the peer has not taken yet. */
    long bytes() {
        return queue.bytes();
    }

    /** What the frames that the peer has not taken whole take in memory. */
    long heldBytes() {
        return queue.heldBytes();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** When something was last written to the peer, by {@link EventLoop#nowMs}. */
    long lastWrittenMs() {
        return lastWrittenMs;
    }

    /** With all others of this turn. */
    void send(ByteBuffer frame) {
        add(frame);
        if (connection.isOpen() && !queue.isEmpty()) {
            flushAtEndOfTurn();
        }
    }

    /** What nobody waits for. A write costs the loop, and waking costs the peer, more than all else that it needs. */
    void sendInCompany(ByteBuffer frame) {
        add(frame);
        if (connection.isOpen() && !queue.isEmpty() && !flushScheduled && !waitsForCompany) {
            loop.flushInNextTurn(connection);
            waitsForCompany = true;
        }
    }

    private void add(ByteBuffer frame) {
        if (!connection.isOpen() || connection.isWritingFailed()) {
            return;
        }
        if (queue.isEmpty()) {
            times.wrote();
        }
        long heldBefore = queue.heldBytes();
        queue.add(frame);
        loop.outboundGrew(queue.heldBytes() - heldBefore);
        if (queue.bytes() > limits.outboundBytes()) {
            connection.abort("it does not read: " + queue.bytes() + " bytes wait for it");
        }
        loop.boundOutbound();
        if (!connection.isOpen()) {
            return;
        }
        if (queue.bytes() > limits.muteAboveBytes()) {
            connection.mute();
        }
    }

    void flushAtEndOfTurn() {
        if (!flushScheduled) {
            flushScheduled = true;
            loop.flushAtEndOfTurn(connection);
        }
    }

    /** Returns whether something still waits to be written. */
    boolean endWaitForCompany() {
        waitsForCompany = false;
        return !queue.isEmpty();
    }

    void flush() {
        flushScheduled = false;
        if (connection.isClosed()) {
            return;
        }
        try {
            if (write() && connection.isSlow()) {
                connection.handler().onSignOfLife();
            }
        } catch (IOException e) {
            connection.readToTheEnd("writing failed: " + e.getMessage());
            return;
        } catch (RuntimeException | Error e) {
            connection.abortByOwnFailure();
            throw e;
        }
        connection.flushed();
    }

    /** As much as the peer takes. Returns whether that is anything. */
    private boolean write() throws IOException {
        long heldBefore = queue.heldBytes();
        long written;
        try {
            written = queue.writeTo(channel, loop.writeBuffer());
        } finally {
            loop.outboundGrew(queue.heldBytes() - heldBefore);
        }
        if (written > 0) {
            times.wrote();
            lastWrittenMs = loop.nowMs();
        }
        return written > 0;
    }

    /** None of it goes any more. */
    void clear() {
        loop.outboundGrew(-queue.heldBytes());
        queue.clear();
    }
}
