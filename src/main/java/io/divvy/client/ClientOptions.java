package io.divvy.client;

import io.divvy.protocol.ProtocolLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DivvyClient} behaves. {@code ClientOptions.DEFAULT.withReconnectFor(Duration.ofMinutes(5))}
 *
 * @param reconnectFor how long the client tries to connect again after it lost its server, before all that waits fails
 *     with a {@link ConnectionLostException}. 30 s in {@link #DEFAULT}. Zero: it does not try; what waits fails at once
 * @param connectTimeout how long one attempt may take, 5 s in {@link #DEFAULT}
 * @param silence after how long without a byte from a server that sends heartbeats the connection counts as lost, 30 s in
 *     {@link #DEFAULT}; two of the server's heartbeats where they come more seldom
 * @param token what the server asks for, if it asks for one
 */
public record ClientOptions(
        Duration reconnectFor,
        Duration connectTimeout,
        Duration silence,
        @Nullable String token) {
    // Before DEFAULT, which is checked against it.
    private static final Duration LONGEST_CONNECT_TIMEOUT = Duration.ofMinutes(10);

    public static final ClientOptions DEFAULT = new ClientOptions(
            Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofMillis(ProtocolLimits.SERVER_SILENCE_MS), null);

    public ClientOptions {
        if (reconnectFor.isNegative()) {
            throw new IllegalArgumentException("reconnectFor: expected zero or more, got " + reconnectFor);
        }
        if (connectTimeout.toMillis() < 1 || connectTimeout.compareTo(LONGEST_CONNECT_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "connectTimeout: expected 1 ms to " + LONGEST_CONNECT_TIMEOUT + ", got " + connectTimeout);
        }
        if (silence.toMillis() < 1) {
            throw new IllegalArgumentException("silence: expected 1 ms or more, got " + silence);
        }
    }

    public ClientOptions withReconnectFor(Duration duration) {
        return new ClientOptions(duration, connectTimeout, silence, token);
    }

    public ClientOptions withConnectTimeout(Duration duration) {
        return new ClientOptions(reconnectFor, duration, silence, token);
    }

    public ClientOptions withSilence(Duration duration) {
        return new ClientOptions(reconnectFor, connectTimeout, duration, token);
    }

    public ClientOptions withToken(String newToken) {
        return new ClientOptions(reconnectFor, connectTimeout, silence, newToken);
    }

    /** Names no secret. */
    @Override
    public String toString() {
        return "ClientOptions[reconnectFor=" + reconnectFor + ", connectTimeout=" + connectTimeout + ", silence="
                + silence
                + ", token="
                + (token == null ? "none" : "…") + "]";
    }
}
