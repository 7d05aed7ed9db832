package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.ListQuery;
import io.divvy.store.Retention;
import io.divvy.store.StoreOpenException;
import io.divvy.store.StoreOpenException.Reason;
import io.divvy.store.StoreUser;
import io.divvy.store.TaskFilter;
import io.divvy.store.UnfinishedTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of changes beside the file: how long it gets, and what becomes of a file without it. */
class ChangeLogTest {
    private static final long MIB = 1L << 20;

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

    /** Three threads read, and each has always something to read; a hundred mebibytes are written meanwhile. */
    @Test
    void theLogBeginsAnewThoughReadersNeverPause() throws Exception {
        Tuning tuning = new Tuning(1_000_000, 100, 100, 600_000, 1, 10, 60_000, 10_000, 64 * MIB, 8 * MIB);
        TaskFilter nothing = new TaskFilter(null, null, Map.of("label", "of none"));
        ListQuery longList = new ListQuery(nothing, null, 100, 0, 0);
        AtomicBoolean isOver = new AtomicBoolean();
        try (StoreUser user =
                new StoreUser(SqliteStore.open(folder, Retention.DEFAULT, tuning, connections -> connections))) {
            for (int i = 0; i < 300; i++) {
                user.create(queued("t" + i));
                user.finish(completed("t" + i, null), "\"" + "x".repeat(20_000) + "\"");
            }
            get(user.create(queued("last")));
            for (int i = 0; i < 20; i++) {
                String id = "t" + i;
                again(() -> user.list(longList), isOver);
                again(() -> user.look(id, Long.MAX_VALUE), isOver);
                again(() -> user.look(id, 0), isOver);
            }
            String result = "\"" + "y".repeat((int) MIB) + "\"";
            long longest = 0;
            for (int i = 0; i < 100; i++) {
                get(user.create(queued("large" + i)));
                get(user.finish(completed("large" + i, null), result));
                longest = Math.max(longest, Files.size(log(folder)));
            }
            isOver.set(true);
            assertTrue(longest < 48 * MIB, "the log had " + longest / MIB + " MiB");
            assertEquals(List.of(), user.heard);
        }
    }

    private static void again(Supplier<CompletableFuture<?>> read, AtomicBoolean isOver) {
        read.get().whenComplete((found, failure) -> {
            if (!isOver.get()) {
                again(read, isOver);
            }
        });
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
