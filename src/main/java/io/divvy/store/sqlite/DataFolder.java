package io.divvy.store.sqlite;

import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The folder of the data, locked against a second server for as long as this is open. */
final class DataFolder implements AutoCloseable {
    private static final String LOCK = "divvy.lock";
    private static final String DATABASE = "divvy.db";
    private static final String NATIVE_CODE = "native";
    /** SQLite gives those that it makes the mode of the first. */
    private static final List<String> FILES_OF_DATABASE = List.of("", "-wal", "-shm");

    /** Behind what the file has, as on some systems nobody can read what is locked. */
    private static final long LOCKED_BYTE = 1L << 40;

    private static final int MOST_PID_BYTES = 20;

    private final Path folder;
    private final FileChannel lockFile;

    private DataFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    static DataFolder lock(Path folder) throws StoreOpenException {
        FileChannel file = null;
        try {
            createFolder(folder);
            Path lock = folder.resolve(LOCK);
            OwnerOnly.have(lock);
            file = FileChannel.open(
                    lock,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    OwnerOnly.attributes(lock, "rw-------"));
            if (tryLock(file) == null) {
                String holder = holder(file);
                throw new StoreOpenException(
                        Reason.LOCKED,
                        "another server uses the data folder " + folder + holder
                                + "; end that one, or give this one another data folder",
                        null);
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            file.truncate(0);
            file.write(ByteBuffer.wrap(pid), 0);
            DataFolder locked = new DataFolder(folder, file);
            OwnerOnly.warnOfOpen(folder);
            for (String suffix : FILES_OF_DATABASE) {
                OwnerOnly.have(folder.resolve(DATABASE + suffix));
            }
            NativeCode.keepIn(folder.resolve(NATIVE_CODE));
            NativeCode.requireRunnable();
            return locked;
        } catch (StoreOpenException e) {
            closeAfter(e, file);
            throw e;
        } catch (IOException e) {
            closeAfter(e, file);
            throw new StoreOpenException(
                    Reason.UNREACHABLE,
                    "the data folder " + folder + " cannot be used: " + reason(folder, e)
                            + "; it has to be a folder that this user may write to",
                    e);
        }
    }

    private static String reason(Path folder, IOException e) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            return "it is a file";
        }
        return e instanceof AccessDeniedException ? "access is denied" : String.valueOf(e.getMessage());
    }

    private static void closeAfter(IOException failure, @Nullable FileChannel file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    private static void createFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Files.createDirectories(folder, OwnerOnly.attributes(folder, "rwx------"));
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock(LOCKED_BYTE, 1, false);
        } catch (OverlappingFileLockException e) {
            return null; // A store of this very process has it.
        }
    }

    private static String holder(FileChannel file) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(MOST_PID_BYTES);
        file.read(pid, 0);
        String text = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip();
        return text.isEmpty() ? "" : " (process " + text + ")";
    }

    Path database() {
        return database(folder);
    }

    /** Where the data of a folder is. */
    static Path database(Path folder) {
        return folder.resolve(DATABASE);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
