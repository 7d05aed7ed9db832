package io.divvy.store.sqlite;

import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that reads. It sees what is committed, and never waits for the writer. */
final class Reader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    private final Connections connections;
    private final Health health;
    private final Executor loop;
    private final long retryAfterMs;
    private final LinkedBlockingQueue<Read> queue = new LinkedBlockingQueue<>();
    private @Nullable ReadStatements statements;
    private volatile boolean isClosing;

    /** Something to read. Returns what is to be done with it on the loop. */
    @FunctionalInterface
    interface Read {
        Runnable from(ReadStatements statements) throws SQLException;
    }

    Reader(Connections connections, Health health, Executor loop, long retryAfterMs) {
        this.connections = connections;
        this.health = health;
        this.loop = loop;
        this.retryAfterMs = retryAfterMs;
    }

    void add(Read read) {
        queue.add(read);
    }

    void close() {
        isClosing = true;
        queue.add(from -> () -> {}); // So that it wakes up.
    }

    @Override
    public void run() {
        try {
            while (!isClosing) {
                read(queue.take());
            }
        } catch (InterruptedException e) {
            LOG.warn("the reader was interrupted; what was asked is not answered");
        } catch (RuntimeException | Error e) {
            LOG.error("the reader failed, which is a mistake in it", e);
            health.lost("the reader failed: " + e);
        } finally {
            disconnect();
        }
    }

    private void read(Read read) throws InterruptedException {
        try {
            ReadStatements from = statements;
            if (from == null) {
                from = new ReadStatements(connections.open());
                statements = from;
            }
            loop.execute(read.from(from));
            health.recovered(Health.Part.READER);
        } catch (SQLException e) {
            health.failing(Health.Part.READER, "the data file cannot be read: " + e.getMessage());
            disconnect();
            queue.add(read); // Behind the others, which may be readable.
            TimeUnit.MILLISECONDS.sleep(retryAfterMs);
        }
    }

    private void disconnect() {
        ReadStatements last = statements;
        statements = null;
        if (last != null) {
            try {
                last.close();
            } catch (SQLException e) {
                LOG.debug("closing a connection failed", e);
            }
        }
    }
}
