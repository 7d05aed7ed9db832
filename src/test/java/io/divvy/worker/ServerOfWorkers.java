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

    private final ServerSocket listening;

    ServerOfWorkers() {
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listening.setSoTimeout(ACCEPT_TIMEOUT_MS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    /** The next worker that connects, welcome. */
    WirePeer welcomeWorker() {
        try {
            WirePeer worker = new WirePeer(listening.accept());
            worker.receive("worker");
            worker.send("{'type':'welcome','protocol':2,'server':'test','session':'1','heartbeat_ms':60000,"
                    + "'max_frame_bytes':4194304}");
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
