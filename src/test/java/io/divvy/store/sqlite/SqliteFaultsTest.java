package io.divvy.store.sqlite;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.queued;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.Range;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.ChunkRow;
import io.divvy.store.Retention;
import io.divvy.store.StoreUser;
import io.divvy.store.StoredTasks;
import io.divvy.store.UnfinishedTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteFaultsTest {
    private static final TaskProgress PROGRESS = new TaskProgress(1L, 0, 0, 10, "");

    @TempDir
    Path folder;

    private final Faults faults = new Faults();
    private StoreUser user;

    @BeforeEach
    void open() throws IOException {
        open(60_000);
    }

    private void open(long slowCommitMs) throws IOException {
        Tuning quick = new Tuning(1_000_000, 100, 1, 0, 1, 10, slowCommitMs, 5_000, 1 << 20, 1 << 20);
        user = new StoreUser(SqliteStore.open(folder, Retention.DEFAULT, quick, faults));
    }

    private void openImpatiently() throws IOException {
        user.close();
        open(50);
    }

    @AfterEach
    void close() {
        faults.released.release(1_000);
        user.close();
    }

    private static TaskSnapshot completed(String id) {
        return StoredTasks.completed(id, null);
    }

    private static ChunkRow chunk(long seq) {
        List<ChunkRow.PartRow> part =
                List.of(new ChunkRow.PartRow(seq - 1, seq, false, "[1]".getBytes(StandardCharsets.UTF_8)));
        return new ChunkRow(0, seq, List.of(new Range(0, seq)), List.of(), 0, List.of(), null, part);
    }

    private void hears(String what) {
        await().until(() -> user.heard.stream().anyMatch(heard -> heard.contains(what)));
    }

    private List<UnfinishedTask> recovered() throws IOException {
        user.close();
        try (SqliteStore next = SqliteStore.open(folder, Retention.DEFAULT)) {
            List<UnfinishedTask> unfinished = new ArrayList<>();
            next.recover(unfinished::add);
            return unfinished;
        }
    }

    private static List<String> ids(List<UnfinishedTask> tasks) {
        return tasks.stream().map(task -> task.id().value()).toList();
    }

    @Test
    void aTaskWhoseCommitFailsIsRefusedAndIsNotThereLater() throws IOException {
        faults.commit = Faults.Commit.FAILS;
        assertTrue(get(user.create(queued("a"))).contains("disk I/O error"));
        hears("failing: ");
        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", createdOnceItWorks("b"));
        assertEquals(List.of("b"), ids(recovered()));
    }

    @Test
    void ofATaskThatNeverWasNothingStays() throws Exception {
        faults.commit = Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
        assertTrue(get(user.create(queued("a"), chunk(1))).contains("the reply was lost"));
        Path file = folder.resolve("divvy.db");
        assertEquals(1, SqliteFolder.number(file, "SELECT COUNT(*) FROM part"));
        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", createdOnceItWorks("b"));
        for (String table : List.of("part", "chunk", "progress")) {
            await().until(() -> SqliteFolder.number(file, "SELECT COUNT(*) FROM " + table) == 0);
        }
    }

    /** While it fails, nobody is told to wait: the answer comes at once. */
    private String createdOnceItWorks(String id) {
        await().until(() -> get(user.create(queued(id))).equals("committed"));
        return "committed";
    }

    @Test
    void writesUnderWayAreTriedAgainUntilTheyAreCommitted() throws IOException {
        get(user.create(queued("a")));
        faults.commit = Faults.Commit.FAILS;
        CompletableFuture<String> first = user.advance("a", PROGRESS, chunk(1));
        hears("failing: ");
        CompletableFuture<String> second = user.advance("a", PROGRESS, chunk(2));
        int commits = faults.commits.get();
        await().until(() -> faults.commits.get() > commits + 2);
        assertFalse(first.isDone() || second.isDone());
        assertEquals(1, user.heard.size(), "it says so once");

        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", get(first));
        assertEquals("committed", get(second));
        hears("recovered");
        ChunkRow stored = recovered().get(0).chunks().get(0);
        assertEquals(2, stored.seq());
        assertEquals(2, stored.parts().size());
    }

    @Test
    void newTasksAreRefusedAtOnceWhileItFails() throws IOException {
        get(user.create(queued("a")));
        faults.commit = Faults.Commit.FAILS;
        user.advance("a", PROGRESS, chunk(1));
        hears("failing: ");
        faults.commit = Faults.Commit.HANGS; // Who waits for the writer now waits for long.
        CompletableFuture<String> advanced = new CompletableFuture<>();
        CompletableFuture<String> refused = user.createAndAdvance(queued("b"), PROGRESS, chunk(1), advanced);
        assertTrue(get(refused).contains("disk I/O error"));
        faults.commit = Faults.Commit.SUCCEEDS;
        faults.released.release(1_000);
        hears("recovered");
        assertEquals("committed", createdOnceItWorks("c"));
        assertFalse(advanced.isDone(), "there is no such task");
        assertEquals(List.of("a", "c"), ids(recovered()));
    }

    @Test
    void aChangeWhoseCommitSucceededThoughNobodySaidSoCountsOnce() throws IOException {
        get(user.create(queued("a")));
        get(user.advance("a", PROGRESS, chunk(1)));
        faults.commit = Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
        CompletableFuture<String> unknown = user.advance("a", PROGRESS, chunk(2));
        hears("failing: ");
        CompletableFuture<String> next = user.advance("a", PROGRESS, chunk(3));
        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", get(unknown));
        assertEquals("committed", get(next));
        assertTrue(user.heard.stream().noneMatch(what -> what.startsWith("lost")));
        ChunkRow stored = recovered().get(0).chunks().get(0);
        assertEquals(3, stored.seq());
        assertEquals(3, stored.parts().size());
    }

    @Test
    void aNewTaskWhoseCommitSucceededThoughNobodySaidSoIsTakenBack() throws IOException {
        faults.commit = Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
        assertTrue(get(user.create(queued("a"))).contains("the reply was lost"));
        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", createdOnceItWorks("b"));
        assertEquals(List.of("b"), ids(recovered()));
    }

    @Test
    void aTaskThatWasRefusedCanBeSubmittedAgainUnderItsId() throws IOException {
        faults.commit = Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
        get(user.create(queued("a")));
        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", createdOnceItWorks("a"));
        assertEquals("committed", get(user.finish(completed("a"), "1")));
        assertTrue(user.find("a").isPresent());
        assertEquals(List.of(), recovered());
    }

    @Test
    void anEndAndADeletionWhoseRepliesAreLostAreToldAllTheSame() throws IOException {
        get(user.create(queued("a")));
        faults.commit = Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
        CompletableFuture<String> end = user.finish(completed("a"), "1");
        hears("failing: ");
        faults.commit = Faults.Commit.SUCCEEDS;
        assertEquals("committed", get(end));

        hears("recovered");
        user.heard.clear();
        faults.commit = Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
        CompletableFuture<Boolean> deletion = user.delete("a");
        hears("failing: ");
        faults.commit = Faults.Commit.SUCCEEDS;
        assertTrue(get(deletion), "there was one");
        assertFalse(user.find("a").isPresent());
    }

    @Test
    void aCommitThatHangsIsReportedAndIsOnlyLate() throws IOException {
        openImpatiently();
        faults.commit = Faults.Commit.HANGS;
        CompletableFuture<String> created = user.create(queued("a"));
        hears("a commit has taken 50 ms");
        assertTrue(get(user.create(queued("b"))).contains("50 ms"), "nobody waits for what may never come");
        assertFalse(created.isDone());
        faults.commit = Faults.Commit.SUCCEEDS;
        faults.released.release();
        assertEquals("committed", get(created));
        hears("recovered");
        assertEquals(List.of("a"), ids(recovered()));
    }

    @Test
    void readsDoNotWaitForACommitThatHangs() throws IOException {
        openImpatiently();
        get(user.create(queued("a")));
        get(user.finish(completed("a"), "1"));
        faults.commit = Faults.Commit.HANGS;
        user.create(queued("b"));
        hears("a commit has taken");
        assertTrue(user.find("a").isPresent());
    }

    @Test
    void commitsGoOnWhenTheDiskHasRoomAgain() throws IOException {
        get(user.create(queued("a")));
        faults.mostPages = 1; // The file may not grow any more.
        faults.commit = Faults.Commit.FAILS; // So that it connects again.
        user.create(queued("b"));
        hears("failing: ");
        faults.commit = Faults.Commit.SUCCEEDS;
        hears("recovered");
        user.heard.clear();

        String large = "x".repeat(1_000_000);
        CompletableFuture<String> end = user.finish(completed("a"), large);
        hears("full");
        assertTrue(get(user.create(queued("c"))).contains("full"));
        assertFalse(end.isDone());
        faults.mostPages = 0;
        assertEquals("committed", get(end));
        hears("recovered");
        assertEquals(1_000_000, user.find("a").orElseThrow().result().length);
        assertEquals(List.of(), ids(recovered()));
    }

    @Test
    void queuedWritesAreCommittedWhenTheStoreIsClosed() throws IOException {
        faults.commit = Faults.Commit.HANGS;
        user.create(queued("a"));
        await().until(() -> faults.released.hasQueuedThreads());
        for (int i = 0; i < 100; i++) {
            user.create(queued("t" + i));
        }
        CompletableFuture<String> last = user.create(queued("last"));
        user.settle(); // Else it may be closed before it was asked for all of them.
        assertFalse(last.isDone());
        faults.commit = Faults.Commit.SUCCEEDS;
        faults.released.release();
        assertEquals(102, recovered().size(), () -> "the store said " + user.heard);
    }

    /** One commit in three goes wrong, whatever it commits. Then what was told is what is there. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void answersAreTrueWhateverGoesWrong(long seed) throws IOException {
        Random luck = new Random(seed);
        faults.luck = () -> switch (luck.nextInt(6)) {
            case 0 -> Faults.Commit.FAILS;
            case 1 -> Faults.Commit.SUCCEEDS_AND_IS_NOT_TOLD;
            default -> Faults.Commit.SUCCEEDS;
        };
        Set<String> refused = new TreeSet<>();
        Set<String> open = new TreeSet<>();
        Set<String> finished = new TreeSet<>();
        List<CompletableFuture<String>> ends = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String id = "t" + i;
            CompletableFuture<String> early = new CompletableFuture<>();
            CompletableFuture<String> created = user.createAndAdvance(queued(id), PROGRESS, chunk(1), early);
            if (!get(created).equals("committed")) {
                refused.add(id);
                await().pollInterval(Duration.ofMillis(1)).until(() -> {
                    String last = user.heard.get(user.heard.size() - 1);
                    assertFalse(last.startsWith("lost"), last);
                    return last.equals("recovered");
                });
                assertFalse(early.isDone(), "there is no such task");
                continue;
            }
            CompletableFuture<String> advanced = user.advance(id, PROGRESS, chunk(2));
            if (i % 4 == 0) {
                open.add(id);
                get(advanced);
            } else {
                finished.add(id);
                ends.add(user.finish(completed(id), "1"));
            }
        }
        ends.forEach(end -> assertEquals("committed", get(end)));
        assertTrue(refused.size() > 10 && open.size() > 10 && finished.size() > 10, "all of it happened");
        assertTrue(user.heard.stream().noneMatch(what -> what.startsWith("lost")), user.heard::toString);
        finished.forEach(id -> assertTrue(user.find(id).isPresent(), id));
        refused.forEach(id -> assertFalse(user.find(id).isPresent(), id));
        faults.luck = null;
        List<UnfinishedTask> recovered = recovered();
        assertEquals(open, new TreeSet<>(ids(recovered)));
        recovered.forEach(task -> {
            assertEquals(2, task.chunks().get(0).seq());
            assertEquals(2, task.chunks().get(0).parts().size());
        });
    }
}
