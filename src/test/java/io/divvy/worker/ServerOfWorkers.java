package io.divvy.worker;

import io.divvy.testing.WirePeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The place of a server, taken by a test that says each message itself. */
final class ServerOfWorkers implements AutoCloseable {
    private static final int ACCEPT_TIMEOUT_MS = 20_000;

    private final InetSocketAddress address;
    private ServerSocket listening;

    ServerOfWorkers() {
        listening = listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        address = (InetSocketAddress) listening.getLocalSocketAddress();
    }

    private static ServerSocket listen(InetSocketAddress where) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.setSoTimeout(ACCEPT_TIMEOUT_MS);
            socket.bind(where);
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
        close();
    }

    void listenAgain() {
        listening = listen(address);
    }

    /** The next worker that connects, welcome, by a server that promises no heartbeats. */
    WirePeer welcomeWorker() {
        return welcomeWorker(60_000, false);
    }

    /** @param heartbeats whether the server promises them, as often as the worker is to send its own */
    WirePeer welcomeWorker(long heartbeatMs, boolean heartbeats) {
        WirePeer worker = acceptWorker();
        worker.send("{'type':'welcome','protocol':2,'server':'test','session':'1','heartbeat_ms':" + heartbeatMs
                + ",'heartbeats':" + heartbeats + ",'max_frame_bytes':4194304}");
        return worker;
    }

    /** The next worker that connects and says hello. */
    WirePeer acceptWorker() {
        try {
            WirePeer worker = new WirePeer(listening.accept());
            worker.receive("worker");
            return worker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
