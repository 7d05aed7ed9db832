package io.divvy.attack;

import java.net.InetSocketAddress;

/** Where a server is, or a {@link Sink}, on this machine. */
record Target(int tcpPort, int httpPort) {
    InetSocketAddress tcp() {
        return new InetSocketAddress("127.0.0.1", tcpPort);
    }

    InetSocketAddress http() {
        return new InetSocketAddress("127.0.0.1", httpPort);
    }
}
