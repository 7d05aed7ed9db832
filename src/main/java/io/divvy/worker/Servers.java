package io.divvy.worker;

import io.divvy.net.FrameSocket;
import io.divvy.net.HostAndPort;
import io.divvy.protocol.ProtocolLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** The servers that a worker may work for. The one to try first comes first. On the thread that connects. */
final class Servers {
    private final List<InetSocketAddress> addresses;
    private final String names;

    /** @param addresses resolved again each time where they are unresolved */
    Servers(List<InetSocketAddress> addresses) {
        this.addresses = new ArrayList<>(addresses);
        this.names = addresses.stream().map(HostAndPort::text).collect(Collectors.joining(", "));
    }

    /**
     * Connects to the first that is there, and stays with it.
     *
     * @param timeoutMs for each
     * @throws IOException why the first is not there, if none is
     */
    FrameSocket connect(int timeoutMs) throws IOException {
        IOException failure = null;
        for (int i = 0; i < addresses.size(); i++) {
            try {
                FrameSocket socket = FrameSocket.connect(addresses.get(i), timeoutMs, ProtocolLimits.MAX_FRAME_BYTES);
                Collections.rotate(addresses, -i);
                return socket;
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        throw failure == null ? new IOException("expected a server at least, got none") : failure;
    }

    /** The one that it connected to does not want this worker, or is none. */
    void next() {
        Collections.rotate(addresses, -1);
    }

    /** As they were given. */
    @Override
    public String toString() {
        return names;
    }
}
