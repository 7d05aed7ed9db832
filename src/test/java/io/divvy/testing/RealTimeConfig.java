package io.divvy.testing;

import io.divvy.server.DivvyServer;
import io.divvy.server.ServerLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The configuration of a server on loopback with the usual limits, and with a clock that runs: {@link TcpServer}'s does not. */
public final class RealTimeConfig {
    private RealTimeConfig() {}

    public static DivvyServer.Config onFreePort() {
        return of(0, ServerLimits.DEFAULT);
    }

    /** @param port 0 for a free one */
    public static DivvyServer.Config of(int port, ServerLimits limits) {
        return DivvyServer.Config.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), "divvy/test")
                .limits(limits)
                .build();
    }
}
