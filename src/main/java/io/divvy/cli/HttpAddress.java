package io.divvy.cli;

import java.net.URI;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of all commands that ask the REST API. */
final class HttpAddress {
    @Option(
            names = "--http",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            converter = Converter.class,
            description = "Where the server's REST API is; ${DEFAULT-VALUE} if not given.")
    URI base = URI.create("http://127.0.0.1:8080");

    @Option(names = "--json", description = "Print the answer as it came, as JSON.")
    boolean json;

    /** Reads {@code http://HOST:PORT}, with a path in front of the API's own if there is one. */
    static final class Converter implements ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            try {
                URI uri = URI.create(text.replaceAll("/+$", ""));
                if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                        && uri.getHost() != null
                        && uri.getQuery() == null) {
                    return uri;
                }
            } catch (IllegalArgumentException e) {
                throw wrong(text);
            }
            throw wrong(text);
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("expected a URL, for instance http://127.0.0.1:8080, got " + text);
        }
    }
}
