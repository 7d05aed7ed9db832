package io.divvy.cli;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option of all commands that talk to a server. */
final class ServerAddress {
    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:5000",
            converter = Converter.class,
            description = "Where the server is; ${DEFAULT-VALUE} if not given.")
    InetSocketAddress address = InetSocketAddress.createUnresolved("127.0.0.1", 5000);

    /** Reads {@code HOST:PORT}; an IPv6 address stands in brackets. */
    static final class Converter implements ITypeConverter<InetSocketAddress> {
        private static final int MAX_PORT = 65_535;

        @Override
        public InetSocketAddress convert(String text) {
            int colon = text.lastIndexOf(':');
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (colon > 0 && port > 0 && port <= MAX_PORT) {
                    String host = text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
                    return InetSocketAddress.createUnresolved(host, port);
                }
            } catch (NumberFormatException e) {
                throw wrong(text);
            }
            throw wrong(text);
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("expected HOST:PORT, for instance 127.0.0.1:5000, got " + text);
        }
    }
}
