package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the HTTP API of a server is, as it tells its protocol-2 peers.
 *
 * @param port on the host on which the server is reached over TCP
 * @param url what was advertised instead, for instance of a proxy in front of it, or null
 */
public record HttpApi(int port, @Nullable String url) {
    /**
     * The header field with which the HTTP port tells where the TCP port is, in what it answers to what is no HTTP. Package
     * {@code net}, which reads it, knows it too.
     */
    public static final String TCP_PORT_HEADER = "Divvy-Tcp-Port";

    private static final int MAX_PORT = 65_535;
    private static final int MOST_URL_CHARS = 2_000;
    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** The one that a welcome tells of, or null: a server without HTTP, or one of a version that does not say. */
    static @Nullable HttpApi read(ObjectNode welcome, Fields fields) throws ProtocolException {
        return welcome.hasNonNull("http_port")
                ? new HttpApi(
                        (int) fields.wholeNumber("http_port", 1, MAX_PORT),
                        fields.optionalText("http_url", MOST_URL_CHARS))
                : null;
    }

    void writeTo(JsonGenerator json) throws IOException {
        json.writeNumberField("http_port", port);
        if (url != null) {
            json.writeStringField("http_url", url);
        }
    }

    /**
     * Where it is for whoever reaches the server at that host.
     *
     * @throws IllegalArgumentException if what the server advertises is not the URL of an HTTP API
     */
    public URI seenFrom(String host) {
        if (url != null) {
            URI advertised = URI.create(url.replaceAll("/+$", ""));
            if (advertised.getHost() == null || !SCHEMES.contains(String.valueOf(advertised.getScheme()))) {
                throw new IllegalArgumentException("expected an http or https URL, got " + url);
            }
            return advertised;
        }
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }
}
