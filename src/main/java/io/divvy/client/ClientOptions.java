package io.divvy.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DivvyClient} behaves. {@code ClientOptions.DEFAULT.withReconnectFor(Duration.ofMinutes(5))}
 *
 * @param reconnectFor how long the client tries to connect again after it lost its server, before all that waits fails
 *     with a {@link ConnectionLostException}. 30 s in {@link #DEFAULT}. Zero: it does not try; what waits fails at once
 * @param connectTimeout how long one attempt may take, 5 s in {@link #DEFAULT}
 * @param token what the server asks for, if it asks for one
 */
public record ClientOptions(
        Duration reconnectFor,
        Duration connectTimeout,
        @Nullable String token) {
    // Before DEFAULT, which is checked against it.
    private static final Duration LONGEST_CONNECT_TIMEOUT = Duration.ofMinutes(10);

    public static final ClientOptions DEFAULT = new ClientOptions(Duration.ofSeconds(30), Duration.ofSeconds(5), null);

    public ClientOptions {
        if (reconnectFor.isNegative()) {
            throw new IllegalArgumentException("reconnectFor: expected zero or more, got " + reconnectFor);
        }
        if (connectTimeout.toMillis() < 1 || connectTimeout.compareTo(LONGEST_CONNECT_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "connectTimeout: expected 1 ms to " + LONGEST_CONNECT_TIMEOUT + ", got " + connectTimeout);
        }
    }

    public ClientOptions withReconnectFor(Duration duration) {
        return new ClientOptions(duration, connectTimeout, token);
    }

    public ClientOptions withConnectTimeout(Duration duration) {
        return new ClientOptions(reconnectFor, duration, token);
    }

    public ClientOptions withToken(String newToken) {
        return new ClientOptions(reconnectFor, connectTimeout, newToken);
    }

    /** Names no secret. */
    @Override
    public String toString() {
        return "ClientOptions[reconnectFor=" + reconnectFor + ", connectTimeout=" + connectTimeout + ", token="
                + (token == null ? "none" : "…") + "]";
    }
}
