package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.Range;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Rows that nobody needs any more are deleted, in small steps and beside what is written. */
class SqliteHousekeepingTest extends SqliteFolder {
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
    void rowsOfChunksOfATaskThatCanBeRunAgainGoWithIt() throws Exception {
        ChunkRow chunk = new ChunkRow(0, 1, List.of(new Range(0, 1)), List.of(), 1, List.of(), null, List.of());
        try (StoreUser user = user(folder)) {
            for (String task : List.of("deleted", "swept")) {
                get(user.create(queued(task), chunk));
                get(user.finishWhole(completed(task, null)));
            }
            get(user.create(queued("other"), chunk));
            get(user.finish(completed("other", null), "1"));
            await().until(() -> number(file, "SELECT COUNT(*) FROM chunk") == 2);
        }
        try (StoreUser user = user(folder)) {
            assertTrue(get(user.delete("deleted")));
            await().until(() -> number(file, "SELECT COUNT(*) FROM chunk") == 1);
            assertEquals(1, number(file, "SELECT COUNT(*) FROM rerun"));
        }
        try (StoreUser user = new StoreUser(SqliteStore.open(folder, new Retention(0, 10, 0)))) {
            user.sweep(Long.MAX_VALUE - 1);
            await().until(() -> number(file, "SELECT COUNT(*) FROM chunk") == 0);
            assertEquals(0, number(file, "SELECT COUNT(*) FROM rerun"));
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
    void tasksBeyondANewBoundAreSweptAfterTheRestart() throws Exception {
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
}
