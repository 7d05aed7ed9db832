package io.divvy.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Ledger;
import io.divvy.scheduler.Range;
import io.divvy.scheduler.TaskId;
import io.divvy.scheduler.TaskPosition;
import io.divvy.scheduler.TaskSnapshot;
import io.divvy.scheduler.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store does; each adapter extends it. */
abstract class TaskStoreContractTest {
    static final long FOR_EVER_MS = Long.MAX_VALUE;
    private static final TaskNotes NOTES = new TaskNotes("n", Map.of("team", "a", "kind", "test"));

    private final List<TaskStore> opened = new ArrayList<>();
    private long nowMs = 1_700_000_000_000L;

    /** An empty store that keeps so much of what is finished. */
    abstract TaskStore open(Retention retention);

    private TaskStore opened(int tasks, long bytes) {
        return opened(new Retention(FOR_EVER_MS, tasks, bytes));
    }

    private TaskStore opened(Retention retention) {
        TaskStore store = open(retention);
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
        return task(id, key, state, failedRanges, 1_000);
    }

    static TaskSnapshot task(
            String id, @Nullable String key, TaskSnapshot.State state, List<Range> failedRanges, long submittedMs) {
        TaskSpec spec = new TaskSpec(
                new TaskId(id),
                "sum_of_squares",
                true,
                key,
                "fingerprint",
                TaskSpec.FoldOrder.ANY,
                true,
                false,
                TaskSpec.EarlyEnd.NONE,
                TaskSpec.OnFailure.FAIL,
                0,
                3,
                0,
                0);
        boolean ended = state.isTerminal();
        Ledger ledger = ended ? new Ledger(10, 0, 0, 10, 0, 0) : new Ledger(10, 10, 0, 0, 0, 0);
        return new TaskSnapshot(
                spec,
                state,
                ledger,
                1,
                2,
                submittedMs,
                submittedMs + 1,
                ended ? submittedMs + 2 : null,
                failedRanges,
                null);
    }

    static TaskSnapshot completed(String id, @Nullable String key) {
        return task(id, key, TaskSnapshot.State.COMPLETED, List.of());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void create(TaskStore store, TaskSnapshot task) {
        CompletableFuture<Void> committed = new CompletableFuture<>();
        store.createTask(
                new NewTask(task, NOTES, bytes("{}")),
                () -> committed.complete(null),
                why -> committed.completeExceptionally(new IllegalStateException(why)));
        committed.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** Finishes it, and sweeps until there is nothing to sweep. */
    private void finish(TaskStore store, TaskSnapshot task, String result) {
        finishUnswept(store, task, result);
        sweep(store);
    }

    private void sweep(TaskStore store) {
        for (int sweeps = 0; store.nextSweepMs() <= nowMs; sweeps++) {
            assertTrue(sweeps < 1_000, "it sweeps and sweeps and is never done");
            store.sweep(nowMs);
        }
    }

    private static void finishUnswept(TaskStore store, TaskSnapshot task, String result) {
        CompletableFuture<Void> committed = new CompletableFuture<>();
        store.finishTask(new StoredTask(task, NOTES, bytes(result)), () -> committed.complete(null));
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
        assertEquals(NOTES, stored.notes());
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
            store.finishTask(new StoredTask(completed("t" + i, null), NOTES, null), () -> {
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

    @Test
    void aTaskIsForgottenWhenItsTimeIsUp() {
        TaskStore store = opened(new Retention(60_000, 1_000, 1 << 30));
        finishUnswept(store, finishedAt("first", nowMs), "1");
        finishUnswept(store, finishedAt("second", nowMs + 1_000), "1");
        assertEquals(nowMs + 60_000, store.nextSweepMs(), "nobody has to look before");

        nowMs += 59_999;
        store.sweep(nowMs);
        assertTrue(find(store, "first").isPresent());

        nowMs += 1;
        store.sweep(nowMs);
        assertFalse(find(store, "first").isPresent());
        assertEquals(Optional.empty(), findByKey(store, "key of first"));
        assertTrue(find(store, "second").isPresent());
        assertEquals(nowMs + 1_000, store.nextSweepMs());

        nowMs += 1_000;
        store.sweep(nowMs);
        assertFalse(find(store, "second").isPresent(), "also the last one");
        assertEquals(List.of(), list(store, TaskFilter.ALL, null, 10).tasks());
        assertEquals(Long.MAX_VALUE, store.nextSweepMs());
    }

    @Test
    void manyTasksAreForgottenInSmallSteps() {
        TaskStore store = opened(new Retention(60_000, 100_000, 1 << 30));
        for (int i = 0; i < 5_000; i++) {
            finishUnswept(store, finishedAt("t" + i, nowMs), "1");
        }
        nowMs += 60_000;
        store.sweep(nowMs);
        int left = list(store, TaskFilter.ALL, null, 5_000).tasks().size();
        assertTrue(0 < left && left < 5_000, "one sweep left " + left + " of 5000");
        assertTrue(store.nextSweepMs() <= nowMs, "it wants to go on at once");
        sweep(store);
        assertEquals(List.of(), list(store, TaskFilter.ALL, null, 5_000).tasks());
    }

    private static TaskSnapshot finishedAt(String id, long finishedMs) {
        return task(id, "key of " + id, TaskSnapshot.State.COMPLETED, List.of(), finishedMs - 2);
    }

    @Test
    void finishedTasksAreListedTheNewestFirst() {
        TaskStore store = large();
        for (int i : new int[] {2, 5, 1, 4, 3}) {
            finish(store, task("t" + i, null, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i), "1");
        }
        assertEquals(List.of("t5", "t4", "t3", "t2", "t1"), listAll(store, TaskFilter.ALL, 10));
        assertEquals(List.of("t5", "t4", "t3", "t2", "t1"), listAll(store, TaskFilter.ALL, 2));
    }

    @Test
    void aListGoesOnBehindAPositionThoughThatTaskIsGone() {
        TaskStore store = large();
        for (int i = 1; i <= 5; i++) {
            finish(store, task("t" + i, null, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i), "1");
        }
        TaskStore.Page first = list(store, TaskFilter.ALL, null, 2);
        assertEquals(new TaskPosition(1_004, new TaskId("t4")), first.next());
        delete(store, "t4");
        delete(store, "t3");
        finish(store, task("t6", null, TaskSnapshot.State.COMPLETED, List.of(), 1_006), "1");
        assertEquals(List.of("t2", "t1"), ids(list(store, TaskFilter.ALL, first.next(), 10)));
    }

    @Test
    void aListIsFilteredByStateTypeAndLabels() {
        TaskStore store = large();
        finish(store, completed("done", null), "1");
        finish(store, task("cancelled", null, TaskSnapshot.State.CANCELLED, List.of()), "1");
        assertEquals(
                List.of("cancelled"), listAll(store, new TaskFilter(TaskSnapshot.State.CANCELLED, null, Map.of()), 10));
        assertEquals(List.of(), listAll(store, new TaskFilter(null, "word_count", Map.of()), 10));
        assertEquals(
                List.of("done"),
                listAll(
                        store,
                        new TaskFilter(TaskSnapshot.State.COMPLETED, "sum_of_squares", Map.of("team", "a")),
                        10));
        assertEquals(List.of("done", "cancelled"), listAll(store, new TaskFilter(null, null, NOTES.labels()), 10));
        assertEquals(List.of(), listAll(store, new TaskFilter(null, null, Map.of("team", "b")), 10));
        assertEquals(List.of(), listAll(store, new TaskFilter(null, null, Map.of("team", "a", "x", "y")), 10));
    }

    @Test
    void aPageThatFindsLittleEndsAndGoesOnLater() {
        TaskStore store = opened(100_000, 1 << 30);
        finish(store, task("old", null, TaskSnapshot.State.CANCELLED, List.of(), 1), "1");
        for (int i = 0; i < 25_000; i++) {
            finishUnswept(store, task("t" + i, null, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i), "1");
        }
        TaskFilter cancelled = new TaskFilter(TaskSnapshot.State.CANCELLED, null, Map.of());
        TaskStore.Page first = list(store, cancelled, null, 10);
        assertEquals(List.of(), first.tasks());
        assertTrue(first.next() != null, "it looked at some and says where to go on");
        assertEquals(List.of("old"), listAll(store, cancelled, 10));
    }

    @Test
    void aTaskThatIsDeletedIsGoneWithItsKey() {
        TaskStore store = large();
        finish(store, completed("a", "key of a"), "1");
        assertTrue(delete(store, "a"));
        assertFalse(find(store, "a").isPresent());
        assertEquals(Optional.empty(), findByKey(store, "key of a"));
        assertEquals(List.of(), listAll(store, TaskFilter.ALL, 10));
        assertFalse(delete(store, "a"), "there is nothing to delete any more");
    }

    @Test
    void whatIsDeletedIsNotCountedAnyMore() {
        TaskStore store = opened(2, 1 << 30);
        finish(store, completed("a", null), "1");
        finish(store, completed("b", null), "1");
        delete(store, "b");
        finish(store, completed("c", null), "1");
        assertTrue(find(store, "a").isPresent());
    }

    @Test
    void aKeyThatATaskTookOverStaysWithIt() {
        TaskStore store = large();
        finish(store, completed("a", "key"), "1");
        finish(store, completed("b", "key"), "1");
        delete(store, "a");
        assertEquals(Optional.of("b"), findByKey(store, "key"));
    }

    private static boolean delete(TaskStore store, String id) {
        CompletableFuture<Boolean> deleted = new CompletableFuture<>();
        store.deleteFinished(new TaskId(id), deleted::complete);
        return deleted.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static TaskStore.Page list(TaskStore store, TaskFilter filter, @Nullable TaskPosition after, int atMost) {
        CompletableFuture<TaskStore.Page> page = new CompletableFuture<>();
        store.listFinished(filter, after, atMost, page::complete);
        return page.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** Page by page to the end. */
    private static List<String> listAll(TaskStore store, TaskFilter filter, int pageSize) {
        List<String> all = new ArrayList<>();
        TaskStore.Page page = list(store, filter, null, pageSize);
        all.addAll(ids(page));
        while (page.next() != null) {
            page = list(store, filter, page.next(), pageSize);
            all.addAll(ids(page));
        }
        return all;
    }

    private static List<String> ids(TaskStore.Page page) {
        return page.tasks().stream()
                .map(stored -> stored.task().spec().id().value())
                .toList();
    }
}
