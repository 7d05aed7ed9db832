package io.divvy.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of changes beside the file. {@link Checkpoints} puts it into the file while the writer goes on, and SQLite begins it
 * anew when all of it is there and nobody reads from it. A writer or readers that are always busy may leave no such moment; so
 * when it has grown, they let go of it, and the writer puts the rest into the file.
 *
 * <p>With 120 MiB written in commits of 4 MiB, and reads of which each begins before the one before it ends, it is 49 MiB at
 * its longest, and 123 MiB where readers do not let go ({@code ChangeLogLengthTest}).
 */
final class ChangeLog {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeLog.class);

    /** How long the writer waits for reads that are under way; each is short. */
    private static final long PATIENCE_MS = 500;

    /** How long commits gather before they are put into the file: each page that changes is written there once for all. */
    private static final long GATHER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Until it is tried again: readers and the writer wait for each other meanwhile. */
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    // What a checkpoint tells.
    private static final int IS_BUSY = 1;
    private static final int LOG_FRAMES = 2;
    private static final int FRAMES_IN_FILE = 3;

    private final Path file;
    private final long longBytes;
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    /** Held while it is put into the file: a second one who tries that gets nothing done. */
    private final ReentrantLock checkpoint = new ReentrantLock();

    // Guarded by this object.
    private boolean hasCommits = true; // The mark of an open file is one.
    private boolean isClosed;

    /** Of the writer's thread. */
    private long triedInVainNs = System.nanoTime() - PAUSE_NS;

    /** @param longBytes from which length on readers let go of it */
    ChangeLog(Path database, long longBytes) {
        this.file = of(database);
        this.longBytes = longBytes;
    }

    static Path of(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }

    /** Something was committed. */
    synchronized void committed() {
        if (!hasCommits) {
            hasCommits = true;
            notifyAll();
        }
    }

    /** Waits for commits, and a moment for more of them. Returns false once it is closed. */
    synchronized boolean awaitCommits() throws InterruptedException {
        while (!hasCommits && !isClosed) {
            wait();
        }
        long endNs = System.nanoTime() + GATHER_NS;
        for (long leftNs = GATHER_NS; leftNs > 0 && !isClosed; leftNs = endNs - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, leftNs);
        }
        hasCommits = false;
        return !isClosed;
    }

    /** Nobody waits for commits any more. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    /** Puts into the file what nobody prevents; the rest is tried again. Commits go on meanwhile. */
    void putIntoFile(Connection connection) throws SQLException {
        boolean isAll;
        checkpoint.lock();
        try {
            isAll = isAllInFile(connection, Patience.WAITS_FOR_NOBODY);
        } finally {
            checkpoint.unlock();
        }
        if (!isAll) {
            committed();
        }
    }

    /** To be held during each read. */
    Lock reading() {
        return gate.readLock();
    }

    /**
     * If it is long, puts it into the file while nobody of this process reads; the next transaction then begins it anew. A
     * reader of another process, such as a backup, may prevent that until it ends.
     *
     * @param writer the connection that writes, between two transactions
     */
    void shorten(Connection writer) throws InterruptedException {
        if (bytes() < longBytes || System.nanoTime() - triedInVainNs < PAUSE_NS) {
            return;
        }
        boolean isShort;
        checkpoint.lock(); // First: readers need not wait for one that is under way.
        try {
            isShort = shortenAlone(writer);
        } finally {
            checkpoint.unlock();
        }
        if (!isShort) {
            triedInVainNs = System.nanoTime();
            LOG.debug("the log of changes {} has {} bytes, and somebody reads from it", file, bytes());
        }
    }

    private boolean shortenAlone(Connection writer) throws InterruptedException {
        Lock alone = gate.writeLock();
        if (!alone.tryLock(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
            return false;
        }
        try {
            return isAllInFile(writer, Patience.WAITS_FOR_NOBODY);
        } catch (SQLException e) {
            LOG.debug("the log of changes cannot be put into the file", e); // The next transaction tells of the disk.
            return false;
        } finally {
            alone.unlock();
        }
    }

    /** What to do about readers that prevent that something comes into the file. */
    enum Patience {
        /** Wait for them, as long as a connection waits for others. */
        WAITS("FULL"),
        WAITS_FOR_NOBODY("PASSIVE");

        private final String mode;

        Patience(String mode) {
            this.mode = mode;
        }
    }

    /**
     * Puts into the file what nobody prevents; returns whether that is all that was committed. The file is not looked at for
     * that: to close it would end the locks of all connections of this process.
     */
    static boolean isAllInFile(Connection connection, Patience patience) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("PRAGMA wal_checkpoint(" + patience.mode + ")");
                ResultSet done = statement.executeQuery()) {
            return done.next()
                    && done.getLong(IS_BUSY) == 0
                    && done.getLong(LOG_FRAMES) == done.getLong(FRAMES_IN_FILE);
        }
    }

    private long bytes() {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            LOG.debug("the length of {} is not known", file, e);
            return 0;
        }
    }
}
