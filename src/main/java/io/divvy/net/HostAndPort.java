package io.divvy.net;

import java.net.InetSocketAddress;

/** An address as people write it. */
public final class HostAndPort {
    private HostAndPort() {}

    /** {@code host:port}, as it was given; an IPv6 address in brackets. */
    public static String text(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
