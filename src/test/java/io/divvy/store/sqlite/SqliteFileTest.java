package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.Range;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.Retention;
import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import io.divvy.store.StoreUser;
import io.divvy.store.UnfinishedTask;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the file: others that want it, versions, damage. */
class SqliteFileTest extends SqliteFolder {
    private StoreOpenException refused(Reason reason) {
        StoreOpenException refusal =
                assertThrows(StoreOpenException.class, () -> SqliteStore.open(folder, Retention.DEFAULT));
        assertEquals(reason, refusal.reason(), refusal.getMessage());
        return refusal;
    }

    private void isRefusedAndLeftAlone(String how) throws IOException {
        byte[] before = Files.readAllBytes(file);
        StoreOpenException refusal = refused(Reason.DAMAGED);
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(how), refusal.getMessage());
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void aFolderThatIsMadeIsForItsOwnerOnly() throws IOException {
        fill();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }

    /** As it was made by hand, or by an older server. */
    @Test
    void whatIsInAFolderOfOthersIsForItsOwnerOnly() throws IOException {
        fill();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (StoreUser user = user(folder)) {
            fill(user, "u", 1);
            assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
            areForTheirOwnerOnly("divvy.db", "divvy.db-wal", "divvy.db-shm", "divvy.lock");
        }
    }

    private void areForTheirOwnerOnly(String... names) throws IOException {
        for (String name : names) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))),
                    name);
        }
    }

    @Test
    void whatIsMadeInAFolderOfOthersIsForItsOwnerOnly() throws IOException {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (StoreUser user = user(folder)) {
            assertEquals("committed", get(user.create(queued("a"))));
            areForTheirOwnerOnly("divvy.db", "divvy.db-wal", "divvy.db-shm", "divvy.lock");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"divvy.db", "divvy.db-wal", "divvy.lock"})
    void aLinkOutOfTheFolderIsNotFollowed(String name) throws IOException {
        fill();
        Path elsewhere = parent.resolve("elsewhere");
        Files.writeString(elsewhere, "somebody's");
        Files.deleteIfExists(folder.resolve(name));
        Files.createSymbolicLink(folder.resolve(name), elsewhere);
        String message = String.valueOf(refused(Reason.UNREACHABLE).getMessage());
        assertTrue(message.contains(name + " is a symbolic link, expected a file"), message);
        assertEquals("somebody's", Files.readString(elsewhere));
    }

    @Test
    void aFolderMayBeALinkItself() throws IOException {
        fill();
        Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
        user(link).close();
    }

    @Test
    void aSecondServerIsToldWhoHasTheFolder() throws IOException {
        try (StoreUser first = user(folder)) {
            String message = String.valueOf(refused(Reason.LOCKED).getMessage());
            assertTrue(message.contains("process " + ProcessHandle.current().pid()), message);
            assertTrue(message.contains(folder.toString()), message);
            assertEquals("committed", get(first.create(queued("a"))), "the first is not disturbed");
        }
        user(folder).close();
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(folder, "a file");
        assertTrue(refused(Reason.UNREACHABLE).getMessage().contains(folder.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:tasks", "jdbc:sqlite:x", "what?mode=memory", "50%25 #1", "h\u00e9llo w\u00f6rld"})
    void aFolderMayHaveAnyName(String name) throws IOException {
        Path named = folder.resolveSibling(name);
        try (StoreUser user = user(named)) {
            assertEquals("committed", get(user.create(queued("a"))));
        }
        assertTrue(Files.exists(named.resolve("divvy.db")), () -> "no divvy.db in " + named);
        SqliteBackup.write(named, folder.resolveSibling("backup?.db"));
        assertTrue(Files.exists(folder.resolveSibling("backup?.db")));
    }

    @Test
    void aFileOfANewerSchemaIsRefused() throws Exception {
        fill();
        sql(file, "UPDATE schema_version SET version = 99");
        assertTrue(refused(Reason.NEWER_SCHEMA).getMessage().contains("version 99"));
        assertEquals(100, number(file, "SELECT COUNT(*) FROM task"));
    }

    private static final List<List<String>> MIGRATIONS = List.of(
            List.of(
                    "CREATE TABLE schema_version(version BIGINT NOT NULL)",
                    "INSERT INTO schema_version(version) VALUES (0)",
                    "CREATE TABLE epoch(number BIGINT PRIMARY KEY, closed_ms BIGINT)",
                    "INSERT INTO epoch(number, closed_ms) VALUES (7, 1)"),
            List.of("ALTER TABLE epoch ADD COLUMN host TEXT", "UPDATE epoch SET host = 'unknown'"),
            List.of("CREATE TABLE owner AS SELECT number, host FROM epoch"));

    @Test
    void anOlderSchemaIsMigratedStepByStep() throws Exception {
        Files.createDirectory(folder);
        Database.open(file, MIGRATIONS.subList(0, 1));
        assertEquals(1, number(file, "SELECT version FROM schema_version"));
        Database.open(file, MIGRATIONS);
        assertEquals(3, number(file, "SELECT version FROM schema_version"));
        assertEquals(1, number(file, "SELECT COUNT(*) FROM owner WHERE number = 7 AND host = 'unknown'"));
        Database.open(file, MIGRATIONS);
        assertEquals(3, number(file, "SELECT version FROM schema_version"), "there is nothing to do the second time");
    }

    @Test
    void aMigrationThatFailsChangesNothing() throws Exception {
        Files.createDirectory(folder);
        Database.open(file, MIGRATIONS.subList(0, 1));
        List<List<String>> broken = List.of(MIGRATIONS.get(0), MIGRATIONS.get(1), List.of("DROP TABLE nowhere"));
        assertThrows(StoreOpenException.class, () -> Database.open(file, broken));
        assertEquals(1, number(file, "SELECT version FROM schema_version"));
        assertEquals(0, number(file, "SELECT COUNT(*) FROM pragma_table_info('epoch') WHERE name = 'host'"));
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws IOException {
        Files.createDirectory(folder);
        Files.writeString(file, "Dear diary, ".repeat(1_000));
        isRefusedAndLeftAlone("not an SQLite database");
    }

    @Test
    void anEmptyFileIsNotTakenForANewOne() throws IOException {
        Files.createDirectory(folder);
        Files.createFile(file);
        isRefusedAndLeftAlone("only 0 bytes");
    }

    @Test
    void aDatabaseOfSomebodyElseIsRefused() throws Exception {
        fill();
        sql(file, "DROP TABLE schema_version");
        assertTrue(refused(Reason.DAMAGED).getMessage().contains("none of Divvy"));
    }

    @Test
    void aTornFileIsRefused() throws IOException {
        fill();
        try (RandomAccessFile torn = new RandomAccessFile(file.toFile(), "rw")) {
            torn.setLength(torn.length() / 2);
        }
        isRefusedAndLeftAlone("bytes, expected");
    }

    @Test
    void aFileWithRubbishInItIsRefusedAfterACrash() throws Exception {
        fill();
        sql(file, "UPDATE epoch SET closed_ms = NULL");
        try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 5 * 4_096; at < 40 * 4_096; at += 4_096) {
                damaged.seek(at);
                damaged.write("rubbish rubbish ".repeat(20).getBytes(StandardCharsets.US_ASCII));
            }
        }
        isRefusedAndLeftAlone("damaged");
    }

    /** Its log may be of another file, for instance of the one in whose place a backup was put. */
    @Test
    void aTornFileAndItsLogAreLeftAlone() throws IOException {
        Path torn = Files.createDirectory(parent.resolve("torn"));
        try (StoreUser user = user(folder)) {
            fill(user, 100);
            SqliteBackup.write(folder, torn.resolve("divvy.db"));
            for (int i = 100; i < 120; i++) {
                get(user.finish(completed(created(user, "t" + i), null), "x"));
            }
            Files.copy(folder.resolve("divvy.db-wal"), torn.resolve("divvy.db-wal"));
        }
        byte[] log = Files.readAllBytes(torn.resolve("divvy.db-wal"));
        folder = torn;
        file = torn.resolve("divvy.db");
        isRefusedAndLeftAlone("damaged");
        assertArrayEquals(log, Files.readAllBytes(torn.resolve("divvy.db-wal")));
    }

    private static String created(StoreUser user, String id) {
        user.create(queued(id));
        return id;
    }

    @Test
    void aLogWithoutItsFileIsNotTakenForANewStore() throws IOException {
        Files.createDirectory(folder);
        Files.writeString(folder.resolve("divvy.db-wal"), "changes");
        assertTrue(refused(Reason.DAMAGED).getMessage().contains("divvy.db-wal"));
        assertFalse(Files.exists(file));
    }

    /** What a server leaves that is killed: the file and its log, as they were at that moment. */
    @Test
    void commitsAreThereAfterAKill() throws IOException {
        Path killed = Files.createDirectory(parent.resolve("killed"));
        try (StoreUser user = user(folder)) {
            get(user.create(queued("open")));
            fill(user, 50);
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "divvy.db*")) {
                for (Path each : files) {
                    Files.copy(each, killed.resolve(each.getFileName()));
                }
            }
        }
        assertTrue(Files.size(killed.resolve("divvy.db-wal")) > 0);
        try (SqliteStore store = SqliteStore.open(killed, Retention.DEFAULT)) {
            List<UnfinishedTask> unfinished = new ArrayList<>();
            store.recover(unfinished::add);
            assertEquals("open", unfinished.get(0).id().value());
            StoreUser next = new StoreUser(store);
            for (int i = 0; i < 50; i++) {
                assertTrue(next.find("t" + i).isPresent(), "t" + i);
            }
            next.close();
        }
    }

    @Test
    void aRowThatCannotBeReadIsReportedWithWhatToDo() throws Exception {
        try (StoreUser user = user(folder)) {
            get(user.create(queued("a")));
            ChunkRow chunk = new ChunkRow(0, 1, List.of(new Range(0, 1)), List.of(), 0, List.of(), null, List.of());
            get(user.advance("a", new TaskProgress(1L, 0, 0, 10, ""), chunk));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate("UPDATE chunk SET closed = x'ff'"));
        }
        try (SqliteStore store = SqliteStore.open(folder, Retention.DEFAULT)) {
            StoreOpenException damaged = assertThrows(StoreOpenException.class, () -> store.recover(task -> {}));
            assertEquals(Reason.DAMAGED, damaged.reason());
            assertTrue(damaged.getMessage().contains("go back to a backup"), damaged.getMessage());
        }
    }
}
