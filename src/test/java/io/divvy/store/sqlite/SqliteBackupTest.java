package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreUser;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A copy of the file that is made while a server uses it. */
class SqliteBackupTest extends SqliteFolder {
    @Test
    void aBackupIsWhatWasThereAtOneMoment() throws Exception {
        Path copy = Files.createDirectory(parent.resolve("copy")).resolve("divvy.db");
        try (StoreUser user = user(folder)) {
            fill(user, 100);
            CompletableFuture<String> last = CompletableFuture.completedFuture("");
            for (int i = 0; i < 3_000; i++) {
                last = user.create(queued("late" + i));
            }
            SqliteBackup.write(folder, copy);
            assertEquals("committed", get(last), "nobody waits for a backup");
        }
        try (StoreUser user = user(copy.getParent())) {
            for (int i = 0; i < 100; i++) {
                assertEquals(5_000, user.find("t" + i).orElseThrow().result().length);
            }
        }
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(copy.getParent(), "*.part")) {
            assertFalse(parts.iterator().hasNext(), "nothing else is left");
        }
    }

    @Test
    void aBackupIsForItsOwnerOnly() throws IOException {
        fill();
        Path copy = parent.resolve("copy.db");
        SqliteBackup.write(folder, copy);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
    }

    @Test
    void aBackupNeverTakesThePlaceOfAFile() throws IOException {
        fill();
        Path copy = Files.writeString(parent.resolve("copy.db"), "precious");
        assertThrows(FileAlreadyExistsException.class, () -> SqliteBackup.write(folder, copy));
        assertEquals("precious", Files.readString(copy));
    }

    @Test
    void aBackupOfNothingSaysWhatItMissed() {
        StoreOpenException refusal =
                assertThrows(StoreOpenException.class, () -> SqliteBackup.write(folder, parent.resolve("copy.db")));
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
        assertFalse(Files.exists(folder));
    }
}
