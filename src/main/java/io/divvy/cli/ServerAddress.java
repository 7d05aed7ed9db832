package io.divvy.cli;

import io.divvy.client.DivvyClient;
import io.divvy.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where a server is, as its user writes it: its TCP port, or the URL of its HTTP API.
 *
 * @param tcp unresolved, or null if {@code http} is given
 * @param http without a slash at the end, or null if {@code tcp} is given
 */
record ServerAddress(
        @Nullable InetSocketAddress tcp, @Nullable URI http) {
    private static final int DEFAULT_PORT = 5_000;
    private static final int MAX_PORT = 65_535;
    private static final Pattern TCP =
            Pattern.compile("(?:tcp://)?(?:\\[([0-9A-Fa-f:.]+(?:%\\w+)?)]|([^:/\\[\\]\\s?#@]+))(?::(\\d{1,5}))?/?");
    /** An IPv6 address without brackets: whatever is behind its last colon belongs to it. */
    private static final Pattern BARE_IPV6 = Pattern.compile("[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\\w+)?");

    static ServerAddress tcp(String host, int port) {
        return new ServerAddress(InetSocketAddress.createUnresolved(host, port), null);
    }

    /** @throws TypeConversionException if it is no address */
    static ServerAddress parse(String text) {
        if (text.regionMatches(true, 0, "http://", 0, 7) || text.regionMatches(true, 0, "https://", 0, 8)) {
            return new ServerAddress(null, url(text));
        }
        if (BARE_IPV6.matcher(text).matches()) {
            return tcp(text, DEFAULT_PORT);
        }
        Matcher parts = TCP.matcher(text);
        if (!parts.matches()) {
            throw wrong(text);
        }
        int port = parts.group(3) == null ? DEFAULT_PORT : Integer.parseInt(parts.group(3));
        if (port < 1 || port > MAX_PORT) {
            throw wrong(text);
        }
        return tcp(parts.group(1) == null ? parts.group(2) : parts.group(1), port);
    }

    private static URI url(String text) {
        try {
            URI uri = URI.create(text.replaceAll("/+$", ""));
            boolean hasPort = uri.getPort() < 0 || uri.getPort() > 0 && uri.getPort() <= MAX_PORT;
            if (uri.getHost() != null && hasPort && uri.getQuery() == null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw wrong(text);
        }
        throw wrong(text);
    }

    private static TypeConversionException wrong(String text) {
        return new TypeConversionException(
                "expected HOST, HOST:PORT or the URL of a server's HTTP API, for instance 127.0.0.1:5000, got \"" + text
                        + "\"");
    }

    /** Its HTTP API; where that is, its TCP port says. */
    URI findHttp() throws IOException {
        if (tcp == null) {
            return Objects.requireNonNull(http);
        }
        try (DivvyClient client = DivvyClient.connect(tcp)) {
            URI api = client.httpApi();
            if (api == null) {
                throw new IOException("the server at " + this + " tells of no HTTP API, which this command needs");
            }
            return api;
        }
    }

    /** Its TCP port; where that is, its HTTP API says. */
    InetSocketAddress findTcp() throws IOException, InterruptedException, RequestRefusedException {
        return http == null ? Objects.requireNonNull(tcp) : new RestClient(http).tcpAddress();
    }

    @Override
    public String toString() {
        return tcp == null ? String.valueOf(http) : HostAndPort.text(tcp);
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<ServerAddress> {
        @Override
        public ServerAddress convert(String text) {
            return parse(text.strip());
        }
    }
}
