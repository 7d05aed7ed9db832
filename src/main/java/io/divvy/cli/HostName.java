package io.divvy.cli;

import io.divvy.protocol.ProtocolLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this machine calls itself. */
final class HostName {
    private static final String UNKNOWN = "worker";

    private HostName() {}

    /** At most as long as the name of a worker may be. */
    static String ofThisMachine() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            return name.substring(0, Math.min(ProtocolLimits.MAX_NAME_CHARS, name.length()));
        } catch (UnknownHostException e) {
            return UNKNOWN; // A machine whose name leads nowhere; its address tells it apart from others.
        }
    }
}
