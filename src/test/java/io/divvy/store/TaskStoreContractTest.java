package io.divvy.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Ledger;
import io.divvy.scheduler.Range;
import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskSnapshot;
import io.divvy.scheduler.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store does; each adapter extends it. */
abstract class TaskStoreContractTest {
    private final List<TaskStore> opened = new ArrayList<>();

    /** An empty store that keeps so much of what is finished. */
    abstract TaskStore open(int maxTasks, long maxBytes);

    private TaskStore opened(int maxTasks, long maxBytes) {
        TaskStore store = open(maxTasks, maxBytes);
        opened.add(store);
        return store;
    }

    private TaskStore large() {
        return opened(1_000, 1 << 30);
    }

    @AfterEach
    void close() {
        opened.forEach(TaskStore::close);
    }

    static TaskSnapshot task(String id, @Nullable String key, TaskSnapshot.State state, List<Range> failedRanges) {
        TaskSpec spec = new TaskSpec(
                new TaskId(id),
                "sum_of_squares",
                true,
                key,
                "fingerprint",
                TaskSpec.FoldOrder.ANY,
                true,
                TaskSpec.EarlyEnd.NONE,
                TaskSpec.OnFailure.FAIL,
                0,
                3,
                0,
                0);
        boolean ended = state.isTerminal();
        Ledger ledger = ended ? new Ledger(10, 0, 0, 10, 0, 0) : new Ledger(10, 10, 0, 0, 0, 0);
        return new TaskSnapshot(spec, state, ledger, 1, 2, 1_000, 2_000L, ended ? 3_000L : null, failedRanges, null);
    }

    static TaskSnapshot completed(String id, @Nullable String key) {
        return task(id, key, TaskSnapshot.State.COMPLETED, List.of());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void create(TaskStore store, TaskSnapshot task) {
        CompletableFuture<Void> committed = new CompletableFuture<>();
        store.createTask(task, bytes("{}"), () -> committed.complete(null));
        committed.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static void finish(TaskStore store, TaskSnapshot task, String result) {
        CompletableFuture<Void> committed = new CompletableFuture<>();
        store.finishTask(
                new StoredTask(task, bytes("{\"name\":\"n\"}"), bytes(result)), () -> committed.complete(null));
        committed.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static Optional<StoredTask> find(TaskStore store, String id) {
        CompletableFuture<Optional<StoredTask>> found = new CompletableFuture<>();
        store.findFinished(new TaskId(id), found::complete);
        return found.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static Optional<String> findByKey(TaskStore store, String key) {
        CompletableFuture<Optional<StoredTask>> found = new CompletableFuture<>();
        store.findFinishedByKey(key, found::complete);
        return found.orTimeout(10, TimeUnit.SECONDS)
                .join()
                .map(stored -> stored.task().spec().id().value());
    }

    @Test
    void aFinishedTaskIsFoundAsItWas() {
        TaskStore store = large();
        TaskSnapshot task = completed("a", null);
        create(store, task("a", null, TaskSnapshot.State.QUEUED, List.of()));
        finish(store, task, "385");
        StoredTask stored = find(store, "a").orElseThrow();
        assertEquals(task, stored.task());
        assertArrayEquals(bytes("{\"name\":\"n\"}"), stored.description());
        assertArrayEquals(bytes("385"), stored.result());
    }

    @Test
    void aTaskThatIsNotFinishedIsNotAmongTheFinished() {
        TaskStore store = large();
        create(store, task("a", "k", TaskSnapshot.State.QUEUED, List.of()));
        assertFalse(find(store, "a").isPresent());
        assertFalse(findByKey(store, "k").isPresent());
    }

    @Test
    void aFinishedTaskIsFoundByItsKey() {
        TaskStore store = large();
        finish(store, completed("a", "key of a"), "1");
        finish(store, completed("b", "key of b"), "2");
        finish(store, completed("c", null), "3");
        assertEquals(Optional.of("a"), findByKey(store, "key of a"));
        assertEquals(Optional.of("b"), findByKey(store, "key of b"));
        assertEquals(Optional.empty(), findByKey(store, "key of c"));
    }

    @Test
    void commitsBecomeDurableInTheOrderInWhichTheyWereAskedFor() {
        TaskStore store = large();
        List<Integer> committed = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> last = new CompletableFuture<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            store.finishTask(new StoredTask(completed("t" + i, null), bytes("{}"), null), () -> {
                committed.add(number);
                if (number == 99) {
                    last.complete(null);
                }
            });
        }
        last.orTimeout(10, TimeUnit.SECONDS).join();
        for (int i = 0; i < 100; i++) {
            assertEquals(i, committed.get(i));
        }
    }

    @Test
    void theOldestFinishedTasksGoWhenThereAreTooMany() {
        TaskStore store = opened(3, 1 << 30);
        for (int i = 1; i <= 5; i++) {
            finish(store, completed("t" + i, "k" + i), "1");
        }
        for (int i = 1; i <= 5; i++) {
            assertEquals(i > 2, find(store, "t" + i).isPresent(), "t" + i);
            assertEquals(i > 2, findByKey(store, "k" + i).isPresent(), "k" + i);
        }
    }

    @Test
    void theOldestFinishedTasksGoWhenTheyTakeTooMuch() {
        TaskStore store = opened(1_000, 100_000);
        String result = "x".repeat(40_000);
        for (int i = 1; i <= 4; i++) {
            finish(store, completed("t" + i, null), result);
        }
        assertFalse(find(store, "t2").isPresent());
        assertTrue(find(store, "t3").isPresent());
        assertTrue(find(store, "t4").isPresent());
        // What is swept is not counted any more: small ones fit beside.
        finish(store, completed("t5", null), "1");
        assertTrue(find(store, "t3").isPresent());
    }

    @Test
    void theNewestIsKeptWhateverItsSize() {
        TaskStore store = opened(10, 1_000);
        finish(store, completed("small", null), "1");
        finish(store, completed("huge", null), "x".repeat(1_000_000));
        assertFalse(find(store, "small").isPresent());
        assertTrue(find(store, "huge").isPresent());
        finish(store, completed("next", null), "1");
        assertFalse(find(store, "huge").isPresent());
        assertTrue(find(store, "next").isPresent());
    }

    @Test
    void rangesOfFailedSubtasksCountTowardsTheSize() {
        TaskStore store = opened(1_000, 100_000);
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            ranges.add(new Range(2 * i, 2 * i + 1));
        }
        finish(store, task("a", null, TaskSnapshot.State.COMPLETED, ranges), "1");
        finish(store, task("b", null, TaskSnapshot.State.COMPLETED, ranges), "1");
        assertFalse(find(store, "a").isPresent());
    }
}
