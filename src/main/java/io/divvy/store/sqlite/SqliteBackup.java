package io.divvy.store.sqlite;

import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/** Copies the data of a folder as it is at one moment, while a server may be writing to it. */
public final class SqliteBackup {
    private SqliteBackup() {}

    /**
     * Writes the copy. It is there completely or not at all, and durable when this returns. To go back to it, put it into an
     * empty data folder under the name {@code divvy.db}.
     *
     * @throws FileAlreadyExistsException if there is such a file; it is left alone
     * @throws StoreOpenException if there is no data in the folder, or if it cannot be read
     * @throws IOException if the copy cannot be written
     */
    public static void write(Path dataFolder, Path copy) throws IOException {
        Path file = DataFolder.database(dataFolder);
        if (!Files.isRegularFile(file)) {
            throw new StoreOpenException(
                    Reason.UNREACHABLE, "there is no " + file + "; expected the data folder of a server", null);
        }
        requireNone(copy);
        NativeCode.requireRunnable();
        Path draft = copy.resolveSibling(
                "." + copy.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            Files.deleteIfExists(draft);
            createForOwner(draft);
            copy(file, draft);
            Database.force(draft);
            requireNone(copy);
            Files.move(draft, copy);
            Database.forceNames(copy);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void requireNone(Path copy) throws FileAlreadyExistsException {
        if (Files.exists(copy)) {
            throw new FileAlreadyExistsException(
                    copy.toString(), null, "a backup is never written over a file; choose another name");
        }
    }

    private static void createForOwner(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(file);
        }
    }

    private static void copy(Path file, Path draft) throws IOException {
        try (Connection connection = Database.connectToRead(file);
                PreparedStatement copy = connection.prepareStatement("VACUUM INTO ?")) {
            new Bindings(copy).text(draft.toString());
            copy.executeUpdate();
            markClosed(draft);
        } catch (SQLException e) {
            throw new IOException("the backup of " + file + " into " + draft + " failed: " + e.getMessage(), e);
        }
    }

    /** The copy is whole, and has no log. */
    private static void markClosed(Path draft) throws SQLException {
        try (Connection connection = new SQLiteConfig().createConnection(Database.url(draft))) {
            Database.markClosed(connection);
        }
    }
}
