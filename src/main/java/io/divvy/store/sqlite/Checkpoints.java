package io.divvy.store.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the log of changes into the file while the writer goes on. Left to SQLite, each commit that finds enough in the log
 * does that itself, and all who wait for a commit wait for it too.
 */
final class Checkpoints implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private final Connections connections;
    private final ChangeLog changes;

    Checkpoints(Connections connections, ChangeLog changes) {
        this.connections = connections;
        this.changes = changes;
    }

    @Override
    public void run() {
        Connection connection = null;
        try {
            while (changes.awaitCommits()) {
                connection = checkpoint(connection);
            }
        } catch (InterruptedException e) {
            LOG.debug("checkpoints were interrupted; the writer does what they leave");
        } finally {
            close(connection);
        }
    }

    /** Returns the connection for the next time. One on which something failed is not used any more. */
    private @Nullable Connection checkpoint(@Nullable Connection last) {
        Connection connection = last;
        try {
            connection = last == null ? connections.open() : last;
            changes.putIntoFile(connection);
            return connection;
        } catch (SQLException | OutOfMemoryError e) {
            // Commits tell of the disk; and if the log gets long, the writer puts it into the file.
            LOG.debug("the log of changes cannot be put into the file", e);
            close(connection);
            return null;
        }
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("closing a connection failed", e);
            }
        }
    }
}
