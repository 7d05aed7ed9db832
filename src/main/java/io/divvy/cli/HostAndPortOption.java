package io.divvy.cli;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code HOST:PORT}; an IPv6 address stands in brackets. */
final class HostAndPortOption implements ITypeConverter<InetSocketAddress> {
    @Override
    public InetSocketAddress convert(String text) {
        if (text.matches(".*:\\d+")) {
            InetSocketAddress tcp = ServerAddress.parse(text).tcp();
            if (tcp != null) {
                return tcp;
            }
        }
        throw new TypeConversionException("expected HOST:PORT, for instance 127.0.0.1:5000, got \"" + text + "\"");
    }
}
