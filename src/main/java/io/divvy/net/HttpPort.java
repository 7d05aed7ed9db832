package io.divvy.net;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The two ports of a server are easily confused. Four bytes show it on both sides: a request or an answer of HTTP begins with
 * letters where a frame has its length, and a frame that long is never sent.
 */
public final class HttpPort {
    /** With which the HTTP port tells where the TCP port is, in what it answers to what is no HTTP. */
    private static final String TCP_PORT_HEADER = "Divvy-Tcp-Port";

    /** What comes in the place of a length if the other side answers in HTTP. */
    static final int ANSWER = length("HTTP");

    private static final Set<Integer> METHODS = Stream.of(
                    "GET ", "HEAD", "POST", "PUT ", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI ")
            .map(HttpPort::length)
            .collect(Collectors.toUnmodifiableSet());

    private static final int MOST_HEAD_BYTES = 8_192;
    private static final int MOST_PORT = 65_535;
    private static final Pattern TCP_PORT =
            Pattern.compile("\n" + TCP_PORT_HEADER + ": *(\\d{1,5})\r?\n", Pattern.CASE_INSENSITIVE);

    private HttpPort() {}

    /** Whether what came in the place of a length is the beginning of an HTTP request. */
    static boolean isRequest(int length) {
        return METHODS.contains(length);
    }

    private static int length(String fourLetters) {
        byte[] bytes = fourLetters.getBytes(StandardCharsets.US_ASCII);
        return bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
    }

    /** Says that this is the HTTP port, and where the other one is, as far as the rest of the answer tells. */
    static IOException taken(InetSocketAddress dialled, DataInputStream in) {
        StringBuilder head = new StringBuilder();
        try {
            for (int read = in.read(); read >= 0 && head.length() < MOST_HEAD_BYTES; read = in.read()) {
                head.append((char) read);
                if (head.length() > 3 && head.indexOf("\r\n\r\n", head.length() - 4) >= 0) {
                    break;
                }
            }
        } catch (IOException e) {
            return new WrongPortException(text(dialled, ""), e); // What came is enough to know what it is.
        }
        return new WrongPortException(text(dialled, head.toString()), null);
    }

    private static String text(InetSocketAddress dialled, String head) {
        Matcher tcpPort = TCP_PORT.matcher(head);
        String host = dialled.getHostString();
        return tcpPort.find() && Integer.parseInt(tcpPort.group(1)) <= MOST_PORT
                ? HostAndPort.text(dialled) + " is the HTTP port of a Divvy server; use "
                        + HostAndPort.text(InetSocketAddress.createUnresolved(host, Integer.parseInt(tcpPort.group(1))))
                : HostAndPort.text(dialled) + " answers in HTTP; expected the TCP port of a Divvy server";
    }
}
