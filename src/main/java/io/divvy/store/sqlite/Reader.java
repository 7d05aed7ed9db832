package io.divvy.store.sqlite;

import io.divvy.store.ReadFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that reads, with a connection of its own. It sees what is committed, and never waits for the writer. Each read is
 * a transaction of its own and ends soon, as the log of changes cannot begin anew while an old moment of it is read.
 */
final class Reader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    private final Connections connections;
    private final Health health;
    private final Health.Part part;
    private final ChangeLog changes;
    private final long retryAfterMs;
    private final LinkedBlockingQueue<Read> queue = new LinkedBlockingQueue<>();
    private final DamageLog damage;
    private @Nullable ReadStatements statements;
    private volatile boolean isClosing;
    private volatile boolean isBroken;

    /** Something to read. One of the two succeeds, once. */
    interface Read {
        /** What is read, for people: "task a". */
        String what();

        /** Reads, and hands on what it found. */
        void from(ReadStatements statements) throws SQLException;

        /** It cannot be read, and is not tried again. */
        void failed(ReadFailure failure);
    }

    /** What all that read one file have in common. */
    record Source(Connections connections, ChangeLog changes, DamageLog damage, long retryAfterMs) {}

    Reader(Source source, Health health, Health.Part part) {
        this.connections = source.connections();
        this.changes = source.changes();
        this.damage = source.damage();
        this.retryAfterMs = source.retryAfterMs();
        this.health = health;
        this.part = part;
    }

    void add(Read read) {
        queue.add(read);
    }

    /** What is queued is not read any more. */
    void close() {
        isClosing = true;
        queue.add(new Awakening());
    }

    /** Whether it ended though it was not closed. */
    boolean isBroken() {
        return isBroken;
    }

    @Override
    public void run() {
        try {
            // Its connection is made now: on a full disk that can fail later, and what is there is still to be read
            // then.
            read(new Awakening());
            while (!isClosing) {
                read(queue.take());
            }
        } catch (InterruptedException e) {
            LOG.warn("the reader was interrupted; what was asked is not answered");
        } catch (RuntimeException | Error e) {
            isBroken = true; // First, as it needs no memory.
            LOG.error("the reader failed, which is a mistake in it", e);
            health.lost("the reader failed: " + e);
        } finally {
            disconnect();
        }
    }

    private void read(Read read) throws InterruptedException {
        boolean isSecondTry = false;
        while (true) {
            try {
                readOnce(read);
                health.recovered(part);
                return;
            } catch (SQLException e) {
                disconnect();
                if (!isFileReadable(e)) {
                    queue.add(read); // Nobody is ahead of it for long: none of them can be read now.
                    TimeUnit.MILLISECONDS.sleep(retryAfterMs);
                    return;
                }
                if (isSecondTry) {
                    fail(read, String.valueOf(e.getMessage()), e);
                    return;
                }
                isSecondTry = true; // It may have been the connection.
            } catch (OutOfMemoryError e) {
                disconnect();
                read.failed(new ReadFailure(
                        ReadFailure.Reason.BUSY,
                        read.what() + " cannot be read now: there is too little memory for it"));
                return;
            } catch (RuntimeException e) {
                disconnect();
                fail(read, e.toString(), e);
                return;
            }
        }
    }

    private void readOnce(Read read) throws SQLException {
        Lock reading = changes.reading();
        reading.lock();
        try {
            read.from(connected());
        } finally {
            reading.unlock();
        }
    }

    private ReadStatements connected() throws SQLException {
        ReadStatements from = statements;
        if (from == null) {
            from = new ReadStatements(connections.open(), damage);
            statements = from;
        }
        return from;
    }

    /** Whether anything can be read: then what cannot is to blame alone. */
    private boolean isFileReadable(SQLException failure) {
        try (Connection probe = connections.open();
                Statement statement = probe.createStatement();
                ResultSet epoch = statement.executeQuery("SELECT MAX(number) FROM epoch")) {
            return epoch.next();
        } catch (SQLException e) {
            LOG.debug("nothing can be read", e);
            health.failing(part, "the data file cannot be read: " + failure.getMessage());
            return false;
        }
    }

    private void fail(Read read, String why, Exception cause) {
        damage.add(read.what(), cause);
        read.failed(new ReadFailure(
                ReadFailure.Reason.UNREADABLE,
                read.what() + " cannot be read, because what is stored of it is damaged: " + why
                        + "; a backup may have it whole"));
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

    /** Connects, and does nothing else. */
    private static final class Awakening implements Read {
        @Override
        public String what() {
            return "nothing";
        }

        @Override
        public void from(ReadStatements statements) {
            LOG.debug("a reader is ready");
        }

        @Override
        public void failed(ReadFailure failure) {
            LOG.debug("a reader is not ready: {}", failure.message());
        }
    }
}
