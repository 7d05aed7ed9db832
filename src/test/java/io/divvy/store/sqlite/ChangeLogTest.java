package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.Retention;
import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import io.divvy.store.StoreUser;
import io.divvy.store.UnfinishedTask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of changes beside the file: how long it gets, and what becomes of a file without it. */
class ChangeLogTest {

    @TempDir
    Path parent;

    private Path folder;
    private Path killed;

    @BeforeEach
    void nameThem() throws IOException {
        folder = parent.resolve("data");
        killed = Files.createDirectory(parent.resolve("killed"));
    }

    private static Path log(Path folder) {
        return folder.resolve("divvy.db-wal");
    }

    private StoreUser open(Path data) throws IOException {
        return new StoreUser(SqliteStore.open(data, Retention.DEFAULT));
    }

    /** The files as a server leaves them that is killed now. */
    private void kill(String... files) throws IOException {
        for (String each : files) {
            Files.copy(folder.resolve(each), killed.resolve(each));
        }
    }

    private List<String> unfinished(Path data) throws IOException {
        try (SqliteStore store = SqliteStore.open(data, Retention.DEFAULT)) {
            List<UnfinishedTask> tasks = new ArrayList<>();
            store.recover(tasks::add);
            return tasks.stream().map(task -> task.id().value()).toList();
        }
    }

    /** Else it would go on without what was saved last, and nobody would know. */
    @Test
    void aFileWhoseLogIsGoneAfterAKillIsRefusedAndLeftAlone() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
            kill("divvy.db");
        }
        byte[] before = Files.readAllBytes(killed.resolve("divvy.db"));
        StoreOpenException refused = assertThrows(StoreOpenException.class, () -> unfinished(killed));
        assertEquals(Reason.DAMAGED, refused.reason());
        assertTrue(refused.getMessage().contains("divvy.db-wal is missing"), refused.getMessage());
        assertTrue(refused.getMessage().contains("go back to a backup"), refused.getMessage());
        assertEquals(Files.mismatch(killed.resolve("divvy.db"), Files.write(parent.resolve("before"), before)), -1);

        String wayOut = "PRAGMA user_version = 0";
        assertTrue(refused.getMessage().contains(wayOut), refused.getMessage());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + killed.resolve("divvy.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(wayOut);
        }
        assertEquals(List.of(), unfinished(killed), "it is as its owner said");
    }

    /** A backup, for instance, or a shell. What is looked at is the file alone, as after the log is lost. */
    @Test
    void theMarkComesIntoTheFileThoughSomebodyReadsFromItWhenTheServerStarts() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
        }
        try (Connection reading = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("divvy.db"));
                Statement statement = reading.createStatement()) {
            reading.setAutoCommit(false);
            try (ResultSet epochs = statement.executeQuery("SELECT COUNT(*) FROM epoch")) {
                assertEquals(1, epochs.getInt(1)); // From here on it reads what was there then.
            }
            HeldReads checkpoints = new HeldReads("wal_checkpoint");
            try (StoreUser user =
                    new StoreUser(SqliteStore.open(folder, Retention.DEFAULT, Tuning.DEFAULT, checkpoints))) {
                HeldReads.Held inVain = checkpoints.next();
                assertEquals(0, mark(), "the reader prevents it");
                reading.commit();
                inVain.release();
                Awaitility.await().until(() -> mark() == 1);
                get(user.create(queued("b")));
            }
        }
    }

    private int mark() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(folder.resolve("divvy.db"))).getInt(60);
    }

    @Test
    void aServerThatIsKilledWhenItHasJustStartedLeavesAFileWithItsLog() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
        }
        try (SqliteStore store = SqliteStore.open(folder, Retention.DEFAULT)) {
            kill("divvy.db", "divvy.db-wal");
            assertTrue(store.isDurable());
        }
        assertEquals(List.of("a"), unfinished(killed));
    }

    @Test
    void aServerThatEndedInPeaceLeavesAWholeFile() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
        }
        assertTrue(!Files.exists(log(folder)) || Files.size(log(folder)) == 0);
        kill("divvy.db");
        assertEquals(List.of("a"), unfinished(killed));
    }

    /** It did not go on with its tasks, for instance because a jar is missing. */
    @Test
    void aStoreThatWasOpenedAndNotStartedLeavesAWholeFile() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
        }
        assertEquals(List.of("a"), unfinished(folder));
        kill("divvy.db");
        assertEquals(List.of("a"), unfinished(killed));
    }

    @Test
    void aBackupOfARunningServerIsWholeWithoutALog() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
            SqliteBackup.write(folder, killed.resolve("divvy.db"));
        }
        assertEquals(List.of("a"), unfinished(killed));
    }

    @Test
    void aBackupAfterAKillTakesNothingFromTheFile() throws Exception {
        try (StoreUser user = open(folder)) {
            get(user.create(queued("a")));
            kill("divvy.db", "divvy.db-wal");
        }
        Path backup = Files.createDirectory(parent.resolve("backup"));
        SqliteBackup.write(killed, backup.resolve("divvy.db"));
        assertEquals(List.of("a"), unfinished(backup));
        assertEquals(List.of("a"), unfinished(killed), "its log is where it was");
    }
}
