package io.divvy.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of changes beside the file. SQLite puts it into the file and begins it anew, but only at a moment at which nobody
 * reads from it; several readers that are always busy may leave no such moment. So when it has grown, they let go of it.
 *
 * <p>With 120 MiB written in commits of 4 MiB, and reads of which each begins before the one before it ends, it is 49 MiB at
 * its longest, and 123 MiB where readers do not let go ({@code ChangeLogLengthTest}).
 */
final class ChangeLog {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeLog.class);

    /** How long the writer waits for reads that are under way; each is short. */
    private static final long PATIENCE_MS = 500;

    /** Until it is tried again: readers and the writer wait for each other meanwhile. */
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    // What a checkpoint tells.
    private static final int LOG_FRAMES = 2;
    private static final int FRAMES_IN_FILE = 3;

    private final Path file;
    private final long longBytes;
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
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
        Lock alone = gate.writeLock();
        boolean isShort = false;
        if (alone.tryLock(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
            try {
                isShort = isAllInFile(writer);
            } catch (SQLException e) {
                LOG.debug(
                        "the log of changes cannot be put into the file", e); // The next transaction tells of the disk.
            } finally {
                alone.unlock();
            }
        }
        if (!isShort) {
            triedInVainNs = System.nanoTime();
            LOG.debug("the log of changes {} has {} bytes, and somebody reads from it", file, bytes());
        }
    }

    /** Puts into the file what nobody prevents; returns whether that is all. */
    private static boolean isAllInFile(Connection writer) throws SQLException {
        try (Statement statement = writer.createStatement();
                ResultSet done = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            return done.next() && done.getLong(LOG_FRAMES) == done.getLong(FRAMES_IN_FILE);
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
