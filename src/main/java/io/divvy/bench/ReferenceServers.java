package io.divvy.bench;

import io.javalin.Javalin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.IntConsumer;

/** The servers of {@link Reference}. Each runs until its process ends. */
public final class ReferenceServers {
    private static final int BUFFER_BYTES = 1 << 16;
    /** The spinMicros of NetLimits. */
    private static final long SPIN_NANOS = 50_000;

    private ReferenceServers() {}

    /** @param onReady gets the port that it listens on */
    public static void run(Reference reference, IntConsumer onReady) throws IOException {
        switch (reference) {
            case ECHO -> echo(onReady);
            case CONSTANT -> constant(onReady);
        }
    }

    private static void constant(IntConsumer onReady) {
        Javalin server = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.routes.post(
                    "/tasks",
                    context ->
                            context.contentType("application/json").result("{\"state\":\"completed\",\"result\":385}"));
        });
        server.start(InetAddress.getLoopbackAddress().getHostAddress(), 0);
        onReady.accept(server.port());
    }

    /** Connections come in pairs; what one of a pair says is passed to the other, in one thread. */
    private static void echo(IntConsumer onReady) throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            onReady.accept(listening.socket().getLocalPort());
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            while (true) {
                pair(selector, listening.accept(), listening.accept());
                passOn(selector, buffer);
            }
        }
    }

    private static void pair(Selector selector, SocketChannel first, SocketChannel second) throws IOException {
        for (SocketChannel channel : new SocketChannel[] {first, second}) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        first.register(selector, SelectionKey.OP_READ, second);
        second.register(selector, SelectionKey.OP_READ, first);
    }

    /** Looks for a moment before it sleeps, as our own loop does: what is compared is the work, not who sleeps. */
    @SuppressWarnings("ThreadPriorityCheck") // With few processors the one that sends may wait for this one.
    private static void awaitReadable(Selector selector) throws IOException {
        long startNanos = System.nanoTime();
        do {
            if (selector.selectNow() > 0) {
                return;
            }
            Thread.yield();
        } while (System.nanoTime() - startNanos < SPIN_NANOS);
        selector.select();
    }

    /** Until one of the pair closes. */
    private static void passOn(Selector selector, ByteBuffer buffer) throws IOException {
        while (!selector.keys().isEmpty()) {
            awaitReadable(selector);
            for (SelectionKey key : selector.selectedKeys()) {
                if (!key.isValid()) {
                    continue;
                }
                SocketChannel other = (SocketChannel) key.attachment();
                buffer.clear();
                if (((SocketChannel) key.channel()).read(buffer) < 0) {
                    key.channel().close();
                    other.close();
                    continue;
                }
                buffer.flip();
                while (buffer.hasRemaining()) {
                    other.write(buffer);
                }
            }
            selector.selectedKeys().clear();
        }
    }
}
