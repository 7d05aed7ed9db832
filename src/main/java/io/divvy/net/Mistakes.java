package io.divvy.net;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mistake in one thing must not stop all others; nor must a lack of memory or stack that it caused. */
final class Mistakes {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private Mistakes() {}

    static void guarded(String what, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            log(what, e);
        }
    }

    /** One that fails ends the connection. */
    static void guarded(Connection connection, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            end(connection, e);
        }
    }

    /** To serve a connection failed, by its fault or ours. */
    static void end(Connection connection, Throwable cause) {
        if (cause instanceof IOException) {
            connection.abort("reading failed: " + cause.getMessage());
        } else if (cause instanceof CancelledKeyException) {
            LOG.debug("{}: closed while it was served", connection);
        } else {
            connection.abortByOwnFailure(); // First: that frees what it holds.
            log("serving " + connection, cause);
        }
    }

    /** Logs it if there is memory for that; if there is none, that must not be what ends the loop. */
    static void log(String what, Throwable failure) {
        try {
            LOG.error("{} failed", what, failure);
        } catch (OutOfMemoryError e) {
            System.err.println("out of memory while a failure was logged");
        }
    }
}
