package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.awaitility.Awaitility.await;
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
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the file: others that want it, versions, damage, copies. */
class SqliteFileTest {
    private static final String FINISHED = "SELECT COUNT(*) FROM task WHERE finished_ms IS NOT NULL";

    @TempDir
    Path parent;

    private Path folder;
    private Path file;

    @BeforeEach
    void nameThem() {
        folder = parent.resolve("data");
        file = folder.resolve("divvy.db");
    }

    private StoreUser user(Path of) throws IOException {
        return new StoreUser(SqliteStore.open(of, Retention.DEFAULT));
    }

    /** Some hundred kilobytes, closed in peace. */
    private void fill() throws IOException {
        try (StoreUser user = user(folder)) {
            fill(user, 100);
        }
    }

    private static void fill(StoreUser user, int tasks) {
        fill(user, "t", tasks);
    }

    private static void fill(StoreUser user, String prefix, int tasks) {
        CompletableFuture<String> last = CompletableFuture.completedFuture("");
        for (int i = 0; i < tasks; i++) {
            user.create(queued(prefix + i));
            last = user.finish(completed(prefix + i, null), "x".repeat(5_000));
        }
        get(last);
    }

    private static void sql(Path database, String... statements) throws SQLException {
        try (Connection connection = Database.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
    }

    private static long number(Path database, String query) throws SQLException {
        try (Connection connection = Database.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.getLong(1);
        }
    }

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
    void whatIsNoDatabaseIsRefused() throws IOException {
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
    void whatWasCommittedIsThereAfterAKill() throws IOException {
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

    @Test
    void rowsOfChunksGoSoonAfterTheEndOfTheirTask() throws Exception {
        try (StoreUser user = user(folder)) {
            get(user.create(queued("a")));
            get(user.create(queued("b")));
            List<ChunkRow> chunks = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                ChunkRow.PartRow part = new ChunkRow.PartRow(0, 1, false, new byte[10]);
                chunks.add(new ChunkRow(i, 1, List.of(new Range(0, 1)), List.of(), 0, List.of(), null, List.of(part)));
            }
            TaskProgress progress = new TaskProgress(null, 0, 0, 10, "");
            get(user.advance("a", progress, chunks.toArray(ChunkRow[]::new)));
            get(user.advance("b", progress, chunks.get(0)));
            get(user.finish(completed("a", null), "1"));
            await().until(() -> number(file, "SELECT COUNT(*) FROM progress") == 1);
            assertEquals(1, number(file, "SELECT COUNT(*) FROM chunk"));
            assertEquals(1, number(file, "SELECT COUNT(*) FROM part"));
        }
    }

    @Test
    void rowsOfChunksGoSoonAfterTheEndOfATaskThatGoesOnAfterARestart() throws Exception {
        try (StoreUser user = user(folder)) {
            get(user.create(queued("a")));
            ChunkRow chunk = new ChunkRow(0, 1, List.of(new Range(0, 1)), List.of(), 1, List.of(), null, List.of());
            get(user.advance("a", new TaskProgress(null, 0, 0, 10, ""), chunk));
        }
        try (StoreUser user = user(folder)) {
            get(user.finish(completed("a", null), "1"));
            await().until(() -> number(file, "SELECT COUNT(*) FROM chunk") == 0);
            assertEquals(0, number(file, "SELECT COUNT(*) FROM progress"));
        }
    }

    @Test
    void rowsOfChunksThatAKillLeftGoAfterTheRestart() throws Exception {
        try (StoreUser user = user(folder)) {
            get(user.create(queued("a")));
            TaskProgress progress = new TaskProgress(null, 0, 0, 10, "");
            get(user.advance(
                    "a",
                    progress,
                    new ChunkRow(0, 1, List.of(new Range(0, 1)), List.of(), 1, List.of(), null, List.of())));
        }
        sql(file, "UPDATE task SET finished_ms = 1, state = 'completed', object = NULL");
        try (StoreUser user = user(folder)) {
            await().until(() -> number(file, "SELECT COUNT(*) FROM chunk") == 0);
            assertTrue(user.find("a").isPresent());
        }
    }

    @Test
    void whatIsTooMuchForANewBoundIsSweptAfterTheRestart() throws Exception {
        fill();
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, new Retention(Long.MAX_VALUE, 10, 0)))) {
            user.sweep(1);
            await().until(() -> number(file, "SELECT COUNT(*) FROM task") == 10);
            assertTrue(user.find("t99").isPresent(), "the newest are kept, whatever bytes they have");
            assertTrue(user.find("t90").isPresent());
        }
    }

    /** Who waits for a commit would wait for a sweep as well, each time. */
    @Test
    void whileThereIsSomethingToWriteASweepWaitsForItsTurn() throws Exception {
        fill();
        Tuning third = new Tuning(1_000_000, 100, 3, 600_000, 100, 2_000, 5_000, 10_000, 1 << 20, 1 << 20);
        Retention ten = new Retention(Long.MAX_VALUE, 10, 0);
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, ten, third, connections -> connections))) {
            user.askToSweep(1);
            for (String task : List.of("first", "second", "third")) {
                assertEquals(100, number(file, FINISHED));
                get(user.create(queued(task)));
            }
            await().until(() -> number(file, FINISHED) == 10);
        }
    }

    @Test
    void underALastingLoadWhatIsKeptStaysNearItsBound() throws Exception {
        Tuning noHousekeeping =
                new Tuning(1_000_000, 100, 1_000_000, 600_000, 100, 2_000, 5_000, 10_000, 1 << 20, 1 << 20);
        Retention ten = new Retention(Long.MAX_VALUE, 10, 0);
        try (StoreUser user =
                new StoreUser(SqliteStore.open(folder, ten, noHousekeeping, connections -> connections))) {
            for (int round = 0; round < 6; round++) {
                fill(user, "round " + round + " task ", 1_000);
            }
            long kept = number(file, FINISHED);
            assertTrue(kept <= 10 + 2 * 1_000, () -> kept + " of 6,000 are kept");
            assertTrue(user.find("round 5 task 999").isPresent(), "the newest is");
        }
    }

    /** The pages of long results have to be read to be deleted, which takes its time. */
    @Test
    void longResultsAreSweptInSmallerSteps() throws Exception {
        try (StoreUser user = user(folder)) {
            CompletableFuture<String> last = CompletableFuture.completedFuture("");
            for (int i = 0; i < 4; i++) {
                user.create(queued("t" + i));
                last = user.finish(completed("t" + i, null), "x".repeat(3_000));
            }
            get(last);
        }
        Connection connection = Database.connect(file);
        try (WriteStatements statements = new WriteStatements(connection, 1)) {
            Retention none = new Retention(0, 1_000, 0);
            assertEquals(2, statements.sweep(none, Long.MAX_VALUE, 4, 1_000, 7_000));
            assertEquals(1, statements.sweep(none, Long.MAX_VALUE, 2, 1_000, 10), "one goes however long it is");
            assertEquals(0, statements.sweep(new Retention(0, 1_000, 0), 0, 1, 1_000, 10), "its time has not come");
        }
    }

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
