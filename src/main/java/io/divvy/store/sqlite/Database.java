package io.divvy.store.sqlite;

import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/** The file with the data: how it is made, looked at before it is trusted, and opened. */
final class Database {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 100;
    private static final int PAGE_BYTES_AT = 16;
    private static final int PAGES_AT = 28;
    private static final int MARK_AT = 60;

    /** In the file's header, where SQLite has room for a number of its user's: the file has a log that belongs to it. */
    private static final int HAS_LOG = 1;

    /** A page size that does not fit into the two bytes that it has is written as 1. */
    private static final int LARGEST_PAGE_BYTES = 65_536;

    /** How long to wait for others that use the file for a moment, such as a backup. */
    private static final int BUSY_TIMEOUT_MS = 5_000;

    /** What the log of changes keeps of the disk when it begins anew: less than what counts as long. */
    private static final long MOST_IDLE_LOG_BYTES = 32L << 20;

    /** After a server that did not end in peace a file up to this size is checked as a whole: about a second. */
    private static final long MOST_CHECKED_BYTES = 256L << 20;

    private final Path file;

    private Database(Path file) {
        this.file = file;
    }

    /** Opens the file, makes it if there is none, and brings it to the newest schema. */
    static Database open(Path file, List<List<String>> migrations) throws StoreOpenException {
        Database database = new Database(file);
        try {
            if (Files.exists(file)) {
                database.requireWhole();
                database.requireSound();
            } else {
                database.create(migrations);
            }
            try (Connection connection = database.connect()) {
                Schema.migrate(connection, file, migrations);
            }
            return database;
        } catch (StoreOpenException e) {
            throw e;
        } catch (SQLException | IOException e) {
            throw database.unusable(e);
        }
    }

    /** A connection to the file, which has to exist. */
    Connection connect() throws SQLException {
        return connect(file);
    }

    static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setOpenMode(SQLiteOpenMode.NOMUTEX); // The driver has a lock of its own for each connection.
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setJournalSizeLimit((int) MOST_IDLE_LOG_BYTES);
        config.setGetGeneratedKeys(false); // The driver asks for them after each insert, in a query of its own.
        return config.createConnection(url(file));
    }

    /** As a URI: in a plain path the driver takes what is behind a question mark for settings, and {@code file:} for a URI. */
    static String url(Path file) {
        return "jdbc:sqlite:" + file.toAbsolutePath().toUri();
    }

    /** What went wrong with the file, and what to do. */
    StoreOpenException unusable(Exception failure) {
        if (failure instanceof SQLiteException sqlite) {
            SQLiteErrorCode code = sqlite.getResultCode();
            if (code.name().startsWith(SQLiteErrorCode.SQLITE_CORRUPT.name())
                    || code == SQLiteErrorCode.SQLITE_NOTADB) {
                return damaged(String.valueOf(failure.getMessage()), failure);
            }
        }
        return new StoreOpenException(
                Reason.UNREACHABLE,
                file + " cannot be opened: " + failure + "; see to it that this user may write to it and to its folder,"
                        + " and that there is room on the disk",
                failure);
    }

    private StoreOpenException damaged(String how, @Nullable Exception cause) {
        return new StoreOpenException(
                Reason.DAMAGED,
                file + " is damaged: " + how
                        + "; nothing in its folder was changed. Move all of that folder away and keep it, to begin anew;"
                        + " to go back to a backup, also put that alone into the empty folder, as "
                        + file.getFileName(),
                cause);
    }

    private StoreOpenException withoutLog(Path log) {
        return new StoreOpenException(
                Reason.DAMAGED,
                file + " is not whole: its server did not end in peace, and its log of changes " + log
                        + " is missing, which has what was saved last; nothing in the folder was changed. Put the log back"
                        + " beside the file, or go back to a backup: move all of the folder away and put the backup alone"
                        + " into it, as " + file.getFileName()
                        + ". If another program has put the log into the file since,"
                        + " such as sqlite3, nothing is missing; then say so with: sqlite3 " + file
                        + " 'PRAGMA user_version = 0'",
                null);
    }

    /**
     * Marks the file as one that has a log which belongs to it, until {@link #markClosed}: without the log it is not whole.
     * The mark counts once it is in the file itself: somebody else who reads from the file, such as a backup, may keep it in
     * the log for longer than is waited for here.
     *
     * @param connection is to stay open for as long as the mark, so that the log is there all the time
     * @return whether it counts already; if not, it will once {@link Checkpoints} has put it there
     */
    static boolean markOpen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = " + HAS_LOG);
        }
        return ChangeLog.isAllInFile(connection, ChangeLog.Patience.WAITS);
    }

    /** All of it will be in the file when its last connection is closed. */
    static void markClosed(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 0");
        }
    }

    /** A connection that only reads: it leaves the log as it is when it is closed. */
    static Connection connectToRead(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        return config.createConnection(url(file));
    }

    /** It gets its name when it is complete, so that an empty or a torn file is never taken for a new one. */
    private void create(List<List<String>> migrations) throws SQLException, IOException {
        Path log = ChangeLog.of(file);
        if (Files.exists(log) && Files.size(log) > 0) {
            throw damaged("it is gone, but not its log of changes " + log, null);
        }
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
            Files.deleteIfExists(file.resolveSibling(draft.getFileName() + suffix));
        }
        Files.createFile(draft, OwnerOnly.attributes(draft, "rw-------"));
        try (Connection connection = connect(draft)) {
            Schema.migrate(connection, file, migrations);
        }
        force(draft);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        forceNames(file);
    }

    /** Makes what is in a file durable. */
    static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Makes durable what the files of a folder are called, where the system knows how. */
    static void forceNames(Path anyOfThem) throws IOException {
        Path folder = anyOfThem.toAbsolutePath().getParent();
        if (folder != null
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Looks at the file itself, before SQLite does. */
    private void requireWhole() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // Until it is full, or the file ends.
            }
            if (header.hasRemaining()) {
                throw damaged("it has only " + header.position() + " bytes", null);
            }
            for (int i = 0; i < MAGIC.length; i++) {
                if (header.get(i) != MAGIC[i]) {
                    throw damaged("it is not an SQLite database", null);
                }
            }
            Path log = ChangeLog.of(file);
            if (header.getInt(MARK_AT) == HAS_LOG && !Files.exists(log)) {
                throw withoutLog(log);
            }
            if (Files.exists(log) && Files.size(log) > 0) {
                return; // Pages that are missing here may be in there.
            }
            int pageBytes = Short.toUnsignedInt(header.getShort(PAGE_BYTES_AT));
            long expected =
                    Integer.toUnsignedLong(header.getInt(PAGES_AT)) * (pageBytes == 1 ? LARGEST_PAGE_BYTES : pageBytes);
            if (channel.size() < expected) {
                throw damaged("it has " + channel.size() + " bytes, expected " + expected, null);
            }
        }
    }

    /** Read-only, as a connection that may write puts the log into the file when it is closed, however damaged that is. */
    private void requireSound() throws SQLException, StoreOpenException, IOException {
        try (Connection connection = connectToRead(file);
                Statement statement = connection.createStatement()) {
            boolean isSmall = Files.size(file) <= MOST_CHECKED_BYTES;
            if (isSmall && !wasClosed(statement)) {
                try (ResultSet check = statement.executeQuery("PRAGMA quick_check(1)")) {
                    String found = check.getString(1);
                    if (!"ok".equals(found)) {
                        throw damaged(found, null);
                    }
                }
            }
        }
    }

    private static boolean wasClosed(Statement statement) throws SQLException {
        try (ResultSet table = statement.executeQuery("SELECT 1 FROM sqlite_master WHERE name = 'epoch'")) {
            if (!table.next()) {
                return false;
            }
        }
        try (ResultSet last =
                statement.executeQuery("SELECT closed_ms IS NOT NULL FROM epoch ORDER BY number DESC LIMIT 1")) {
            return !last.next() || last.getBoolean(1);
        }
    }
}
