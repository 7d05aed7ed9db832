package io.divvy.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes new connections from a port, as many as may be open. It is attached to its key. On the loop's thread. */
final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    /** After accept failed, as it does when there are no file descriptors left. */
    private static final long PAUSE_MS = 100;

    /** At the limit each connection that closes makes room for one, so it is reached again and again. */
    private static final long FULL_WARNING_MS = 60_000;

    /**
     * Connections that wait to be taken. More of them would be worse: with 4,096, clients that connect and go at once filled all
     * places behind the backlog as well, and others were pushed out.
     */
    private static final int BACKLOG = 1_024;

    private final ServerSocketChannel server;
    private final EventLoop loop;
    private final NetLimits limits;
    private final Selector selector;
    private final SelectionKey key;
    private long accepted;
    private long nextFullWarningMs = Long.MIN_VALUE;

    private Acceptor(ServerSocketChannel server, EventLoop loop, NetLimits limits, Selector selector)
            throws IOException {
        this.server = server;
        this.loop = loop;
        this.limits = limits;
        this.selector = selector;
        this.key = server.register(selector, SelectionKey.OP_ACCEPT, this);
    }

    static Acceptor open(InetSocketAddress address, EventLoop loop, NetLimits limits, Selector selector)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.configureBlocking(false);
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address, BACKLOG);
            return new Acceptor(server, loop, limits, selector);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** The address with the port that it got. */
    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) server.getLocalAddress();
    }

    void accept() {
        try {
            long startNanos = System.nanoTime();
            while (loop.connectionsLeft() > 0) {
                SocketChannel channel = server.accept();
                if (channel == null) {
                    return;
                }
                start(channel);
                if (System.nanoTime() - startNanos >= NetLimits.ACCEPT_NANOS) {
                    return; // The next look finds the others.
                }
            }
            warnThatItIsFull();
            key.interestOps(0);
        } catch (IOException e) {
            LOG.warn("accepting a connection failed, trying again in {} ms: {}", PAUSE_MS, e.getMessage());
            key.interestOps(0);
            loop.schedule(loop.nowMs() + PAUSE_MS, this::resume);
        }
    }

    private void warnThatItIsFull() {
        if (loop.nowMs() >= nextFullWarningMs) {
            nextFullWarningMs = loop.nowMs() + FULL_WARNING_MS;
            LOG.warn(
                    "{} connections are open, as many as are taken; accepting none until one closes",
                    limits.connections());
        }
    }

    private void start(SocketChannel channel) throws IOException {
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            TcpKeepAlive.enable(channel);
            if (limits.sendBufferBytes() > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, limits.sendBufferBytes());
            }
            SelectionKey connectionKey = channel.register(selector, SelectionKey.OP_READ);
            InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
            String name = "connection " + ++accepted + " from " + peer;
            Connection connection = new Connection(loop, limits, connectionKey, peer, name);
            connectionKey.attach(connection);
            loop.opened(connection);
        } catch (IOException e) {
            // It was gone before it was there; that says nothing about the next one.
            LOG.debug("a connection closed while it was accepted: {}", e.getMessage());
            channel.close();
        } catch (RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** A connection closed, or the pause is over. */
    void resume() {
        if (key.isValid() && loop.connectionsLeft() > 0) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    /** Frees the port. */
    void close() throws IOException {
        server.close();
    }
}
