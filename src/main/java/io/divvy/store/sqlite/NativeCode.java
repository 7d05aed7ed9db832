package io.divvy.store.sqlite;

import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's native code is unpacked into a file before it is loaded, once for a process. A folder from which nothing may be
 * run, as on a mount with {@code noexec}, is named here: what SQLite says of it names no way out.
 */
final class NativeCode {
    /** SQLite's property; the folder for temporary files unless it is set. */
    private static final String FOLDER = "org.sqlite.tmpdir";

    /** Once the code is loaded, nobody needs the folder. */
    private static final AtomicBoolean FOLDER_IS_CHECKED = new AtomicBoolean();

    private NativeCode() {}

    /**
     * Has it unpacked into this folder, unless another one was named. The folder for temporary files is often one from which
     * nothing may be run; and what a killed server left is only known to be unused in a folder that is locked.
     */
    static void keepIn(Path lockedFolder) throws IOException {
        Files.createDirectories(lockedFolder);
        if (System.getProperty(FOLDER) == null) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(lockedFolder, "sqlite-*")) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
            System.setProperty(FOLDER, lockedFolder.toString());
        }
    }

    /** To be called before SQLite is used. */
    static void requireRunnable() throws StoreOpenException {
        if (FOLDER_IS_CHECKED.get()) {
            return;
        }
        Path folder = Path.of(System.getProperty(FOLDER, System.getProperty("java.io.tmpdir")));
        try {
            Files.createDirectories(folder);
            if (!mayRunFrom(folder)) {
                throw unfit(
                        "nothing may be run from the folder " + folder + ", probably because it is mounted with noexec",
                        null);
            }
        } catch (StoreOpenException e) {
            throw e;
        } catch (IOException e) {
            throw unfit("the folder " + folder + " cannot be written to: " + e, e);
        }
        FOLDER_IS_CHECKED.set(true);
    }

    private static StoreOpenException unfit(String why, @Nullable IOException cause) {
        return new StoreOpenException(
                Reason.UNREACHABLE,
                why
                        + "; SQLite unpacks its native code there. Name a folder from which it may be run with the option -D"
                        + FOLDER + "=FOLDER of Java, for instance in the environment variable JDK_JAVA_OPTIONS",
                cause);
    }

    /** A file that its owner may run, and that the system would not run all the same, is on such a mount. */
    private static boolean mayRunFrom(Path folder) throws IOException {
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return true; // Windows has no such mounts.
        }
        Path file = Files.createTempFile(
                folder,
                "may-this-be-run",
                null,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Set<PosixFilePermission> kept = Files.getPosixFilePermissions(file);
            // Where permissions are not kept, such as on disks of Windows, nothing is known.
            return !kept.contains(PosixFilePermission.OWNER_EXECUTE) || Files.isExecutable(file);
        } finally {
            Files.delete(file);
        }
    }
}
