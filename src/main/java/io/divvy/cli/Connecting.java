package io.divvy.cli;

import io.divvy.client.DivvyClient;
import io.divvy.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Connects to a server, or says in words what to do. */
final class Connecting {
    private Connecting() {}

    static DivvyClient to(InetSocketAddress address) throws IOException {
        try {
            return DivvyClient.connect(address);
        } catch (IOException e) {
            throw new IOException(
                    "no Divvy server at " + HostAndPort.text(address) + " (" + e.getMessage()
                            + "); start one with \"divvy server\" or name another with --server",
                    e);
        }
    }
}
