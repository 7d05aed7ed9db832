package io.divvy.store.sqlite;

import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what senders submitted, and their results, from all other users of the machine. Does nothing where files have no mode. */
final class OwnerOnly {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerOnly.class);
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private OwnerOnly() {}

    /** For a file that is made beside this one, or a folder. */
    static FileAttribute<?>[] attributes(Path place, String permissions) {
        return hasModes(place)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /**
     * Takes the rights of others from a file, if there is one. A file that belongs to another user is left as it is, with a
     * warning.
     *
     * @throws StoreOpenException if it is a link: what it leads to may be anybody's, and may be gone tomorrow
     */
    static void have(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            throw new StoreOpenException(
                    Reason.UNREACHABLE,
                    file
                            + " is a symbolic link, expected a file; the data folder itself may be a link, what is in it may"
                            + " not: move the file that it leads to into the folder, or name that file's folder with --data",
                    null);
        }
        if (!hasModes(file) || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        if (rights.removeAll(OF_OTHERS)) {
            try {
                Files.setPosixFilePermissions(file, rights);
            } catch (IOException e) {
                LOG.warn("other users may read {}, and this one may not change that: {}", file, e.toString());
            }
        }
    }

    /** Warns of a folder that others may look into: it is somebody else's to decide who may. */
    static void warnOfOpen(Path folder) throws IOException {
        if (hasModes(folder)) {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
            if (rights.removeAll(OF_OTHERS)) {
                LOG.warn(
                        "the data folder {} is open to other users ({}); its files are not, but chmod 700 is safer",
                        folder,
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
            }
        }
    }

    private static boolean hasModes(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
