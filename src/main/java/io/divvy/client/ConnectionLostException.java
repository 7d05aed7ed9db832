package io.divvy.client;

import java.io.IOException;

/**
 * The connection was lost, and there was no other in the time of {@link ClientOptions#reconnectFor}. Nothing is known of the
 * tasks; attach to them by their ids when there is a server again. The client can still be used: its next request connects
 * again.
 */
public final class ConnectionLostException extends IOException {
    private static final long serialVersionUID = 1;

    ConnectionLostException(String message, IOException cause) {
        super(message, cause);
    }
}
