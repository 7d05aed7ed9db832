package io.divvy.net;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * Has the system ask the other machine whether a quiet connection is still there: one that is not is found within half a
 * minute, not within the two hours of most systems.
 */
final class TcpKeepAlive {
    private static final int IDLE_S = 10;
    private static final int INTERVAL_S = 5;
    private static final int PROBES = 3;

    private TcpKeepAlive() {}

    static void enable(Socket socket) throws IOException {
        socket.setKeepAlive(true);
        if (knowsTimes(socket.supportedOptions())) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_S);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, INTERVAL_S);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
        }
    }

    static void enable(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (knowsTimes(channel.supportedOptions())) {
            channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_S);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, INTERVAL_S);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
        }
    }

    private static boolean knowsTimes(Set<SocketOption<?>> supported) {
        return supported.containsAll(List.of(
                ExtendedSocketOptions.TCP_KEEPIDLE,
                ExtendedSocketOptions.TCP_KEEPINTERVAL,
                ExtendedSocketOptions.TCP_KEEPCOUNT));
    }
}
