package io.divvy.rest;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection. Jetty does not read from it while an answer is held, so nobody would see that the client has gone
 * away: {@link #look} reads a little ahead then, which Jetty gets first when it reads on.
 */
final class ClientEndPoint extends SocketChannelEndPoint {
    private static final Logger LOG = LoggerFactory.getLogger(ClientEndPoint.class);
    /** Room for a few more requests behind the one whose answer is held. */
    private static final int AHEAD_BYTES = 4 << 10;

    private static final int KEEPALIVE_IDLE_S = 2;
    private static final int KEEPALIVE_INTERVAL_S = 1;
    private static final int KEEPALIVE_PROBES = 2;

    private final ClientConnections connections;
    /** What was read ahead and Jetty has not got yet. */
    private ByteBuffer ahead = BufferUtil.EMPTY_BUFFER;

    private boolean isHeld;
    private boolean isKeptAlive;
    /** Whether a request is being read or answered. */
    private volatile boolean isBusy;
    /** When that began or ended, by {@link System#nanoTime}. */
    private volatile long sinceNanos = System.nanoTime();

    /** What can be seen of a client whose answer is held. */
    enum Sight {
        THERE,
        /** It closed its side, or is not to be reached any more. */
        GONE,
        /** It sends more than is read ahead; what comes behind that cannot be seen. */
        SENDS_ON
    }

    ClientEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            ClientConnections connections) {
        super(channel, selector, key, scheduler);
        this.connections = connections;
    }

    /** The answer to its present request is held from now on: Jetty reads nothing until {@link #release}. */
    synchronized void hold() {
        isHeld = true;
        if (!isKeptAlive) {
            isKeptAlive = true;
            keepAlive();
        }
    }

    /**
     * The answer is about to be sent. While it was held nothing happened here, for longer than an idle connection may last: a
     * server that stops would close this one between here and the first byte.
     */
    synchronized void release() {
        notIdle();
        isHeld = false;
    }

    /** Looks whether the client is still there. Of no use, and {@link Sight#THERE}, while no answer is held. */
    synchronized Sight look() {
        if (!isHeld) {
            return Sight.THERE;
        }
        try {
            while (ahead.remaining() < AHEAD_BYTES) {
                ByteBuffer read = ByteBuffer.allocate(AHEAD_BYTES - ahead.remaining());
                int bytes = getChannel().read(read);
                if (bytes < 0) {
                    return Sight.GONE;
                }
                if (bytes == 0) {
                    return Sight.THERE;
                }
                append(read.flip());
            }
            return Sight.SENDS_ON;
        } catch (IOException e) {
            LOG.debug("{} went away: {}", this, e.getMessage());
            return Sight.GONE;
        }
    }

    private void append(ByteBuffer read) {
        ahead = ByteBuffer.allocate(ahead.remaining() + read.remaining())
                .put(ahead)
                .put(read)
                .flip();
    }

    @Override
    public synchronized int fill(ByteBuffer buffer) throws IOException {
        if (!ahead.hasRemaining()) {
            return super.fill(buffer);
        }
        notIdle();
        int filled = BufferUtil.append(buffer, ahead);
        if (!ahead.hasRemaining()) {
            ahead = BufferUtil.EMPTY_BUFFER;
        }
        return filled;
    }

    /** A client that vanishes without a word is found within four seconds, and by the next look. */
    private void keepAlive() {
        SocketChannel channel = getChannel();
        try {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
                channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_S);
                channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
            }
        } catch (IOException e) {
            LOG.debug("{} went away: {}", this, e.getMessage());
        }
    }

    /** A request begins. */
    void begin() {
        isBusy = true;
        sinceNanos = System.nanoTime();
    }

    /** The request is answered, to the last byte. */
    void end() {
        isBusy = false;
        sinceNanos = System.nanoTime();
    }

    boolean isBusy() {
        return isBusy;
    }

    synchronized boolean isHeld() {
        return isHeld;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    /** Closes it in a way that is an error for the client, also where the end of a reply is told by nothing but the close. */
    void abort() {
        try {
            getChannel().setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            LOG.debug("{} went away: {}", this, e.getMessage());
        }
        close();
    }

    @Override
    public void onClose(Throwable cause) {
        connections.closed(this);
        super.onClose(cause);
    }
}
