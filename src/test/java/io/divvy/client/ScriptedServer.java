package io.divvy.client;

import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A server that says and does what the test tells it, connection by connection. */
final class ScriptedServer implements AutoCloseable {
    private static final int ACCEPT_TIMEOUT_MS = 20_000;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final InetSocketAddress address;
    private final long heartbeatMs;
    private final boolean heartbeats;
    private ServerSocket listener;

    ScriptedServer() {
        this(5_000, false);
    }

    /** @param heartbeats whether it promises them */
    ScriptedServer(long heartbeatMs, boolean heartbeats) {
        this.heartbeatMs = heartbeatMs;
        this.heartbeats = heartbeats;
        listener = listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        address = (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private ServerSocket listen(InetSocketAddress where) {
        try {
            ServerSocket socket = new ServerSocket();
            open.push(socket);
            socket.setReuseAddress(true);
            socket.setSoTimeout(ACCEPT_TIMEOUT_MS);
            socket.bind(where, 1);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** Connections are refused until {@link #listenAgain}. */
    void stopListening() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void listenAgain() {
        listener = listen(address);
    }

    /** The server's side of the client's next connection, before the hello. */
    WirePeer acceptUnwelcome() {
        try {
            WirePeer peer = new WirePeer(listener.accept());
            open.push(peer);
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's side of the client's next connection, already welcome. */
    WirePeer accept() {
        WirePeer peer = acceptUnwelcome();
        peer.receive("task_sender");
        peer.send("{'type':'welcome','protocol':2,'server':'scripted','session':'s','heartbeat_ms':" + heartbeatMs
                + ",'heartbeats':" + heartbeats + ",'max_frame_bytes':4194304}");
        return peer;
    }

    /** A client, and the server's side of its first connection. */
    Dialogue connect(ClientOptions options) {
        CompletableFuture<DivvyClient> client = CompletableFuture.supplyAsync(() -> {
            try {
                return DivvyClient.connect(address, options);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        WirePeer peer = accept();
        return new Dialogue(client.orTimeout(20, TimeUnit.SECONDS).join(), peer);
    }

    Dialogue connect() {
        return connect(ClientOptions.DEFAULT);
    }

    record Dialogue(DivvyClient client, WirePeer peer) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable closing : open) {
            closing.close();
        }
    }
}
