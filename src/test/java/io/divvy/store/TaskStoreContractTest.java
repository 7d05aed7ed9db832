package io.divvy.store;

import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.completedOfPlainSender;
import static io.divvy.store.StoredTasks.queued;
import static io.divvy.store.StoredTasks.task;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store does; each adapter extends it. */
public abstract class TaskStoreContractTest extends KeptTextsContractTest {
    @Test
    void aFinishedTaskIsFoundAsItWas() {
        TaskStore store = large();
        TaskSnapshot task = completed("a", null);
        finish(store, task, "385");
        StoredTask stored = find(store, "a").orElseThrow();
        assertEquals(task, stored.task());
        assertEquals(NOTES, stored.notes());
        assertArrayEquals(TEXTS.input(), stored.texts().input());
        assertArrayEquals(bytes("385"), stored.result());
    }

    @Test
    void whatWasSubmittedIsKeptInShortAndAListLeavesOutWhatIsLong() {
        TaskStore store = large();
        finishWith(store, completed("short", null), ListQuery.LONGEST_INPUT_BYTES);
        finishWith(store, completed("long", null), ListQuery.LONGEST_INPUT_BYTES + 1);
        for (String id : List.of("short", "long")) {
            assertNotNull(find(store, id).orElseThrow().texts().input(), id);
        }
        for (StoredTask listed :
                list(store, new ListQuery(TaskFilter.ALL, null, 10, 0, 1)).tasks()) {
            boolean isShort = listed.task().spec().id().value().equals("short");
            assertEquals(isShort, listed.texts().input() != null, listed.toString());
        }
    }

    private void finishWith(TaskStore store, TaskSnapshot task, int inputBytes) {
        create(store, queued(task));
        StoredTexts texts = StoredTexts.ofInput(new byte[inputBytes]);
        onLoop((CompletableFuture<Boolean> done) ->
                store.finishTask(new StoredTask(task, NOTES, texts, null), () -> done.complete(true)));
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
    void anIdempotencyKeyAndThePlainIdOfTheSameTextNameTwoTasks() {
        TaskStore store = large();
        finish(store, completed("keyed", "job-1"), "1");
        finish(store, completedOfPlainSender("plain", "job-1"), "2");
        assertEquals(Optional.of("keyed"), findByKey(store, SubmitKey.key("job-1")));
        assertEquals(Optional.of("plain"), findByKey(store, SubmitKey.plainId("job-1")));
        assertEquals("job-1", find(store, "plain").orElseThrow().task().spec().alias());
        assertNull(find(store, "keyed").orElseThrow().task().spec().alias());

        delete(store, "plain");
        assertEquals(Optional.of("keyed"), findByKey(store, SubmitKey.key("job-1")));
        assertEquals(Optional.empty(), findByKey(store, SubmitKey.plainId("job-1")));
    }

    @Test
    void aPlainIdIsFreeAgainOnceItsTaskIsDeleted() {
        TaskStore store = large();
        finish(store, completedOfPlainSender("first", "job-1"), "1");
        assertTrue(delete(store, "first"));
        finish(store, completedOfPlainSender("second", "job-1"), "2");
        assertEquals(Optional.of("second"), findByKey(store, SubmitKey.plainId("job-1")));
        assertFalse(find(store, "first").isPresent());
    }

    @Test
    void commitsBecomeDurableInTheOrderInWhichTheyWereAskedFor() {
        TaskStore store = large();
        List<Integer> committed = Collections.synchronizedList(new ArrayList<>());
        onLoop((CompletableFuture<Boolean> last) -> {
            for (int i = 0; i < 100; i++) {
                int number = i;
                TaskSnapshot task = completed("t" + i, null);
                store.createTask(
                        new NewTask(queued(task), NOTES, bytes("{}")),
                        () -> committed.add(2 * number),
                        why -> last.completeExceptionally(new IllegalStateException(why)));
                store.finishTask(new StoredTask(task, NOTES, StoredTexts.NONE, null), () -> {
                    committed.add(2 * number + 1);
                    if (number == 99) {
                        last.complete(true);
                    }
                });
            }
        });
        assertEquals(IntStream.range(0, 200).boxed().toList(), committed);
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
    void aTaskIsForgottenWhenItsTimeIsUp() {
        TaskStore store = opened(new Retention(60_000, 1_000, 1 << 30));
        finishUnswept(store, finishedAt("first", nowMs), "1");
        finishUnswept(store, finishedAt("second", nowMs + 1_000), "1");
        assertEquals(nowMs + 60_000, nextSweepMs(store), "nobody has to look before");

        nowMs += 59_999;
        sweepOnce(store);
        assertTrue(find(store, "first").isPresent());

        nowMs += 1;
        sweepOnce(store);
        assertFalse(find(store, "first").isPresent());
        assertEquals(Optional.empty(), findByKey(store, "key of first"));
        assertTrue(find(store, "second").isPresent());
        await().until(() -> nextSweepMs(store) == nowMs + 1_000);

        nowMs += 1_000;
        sweepOnce(store);
        assertFalse(find(store, "second").isPresent(), "also the last one");
        assertEquals(List.of(), list(store, TaskFilter.ALL, null, 10).tasks());
        assertEquals(Long.MAX_VALUE, nextSweepMs(store));
    }

    @Test
    void manyTasksAreForgottenInSmallSteps() {
        TaskStore store = opened(new Retention(60_000, 100_000, 1 << 30));
        finishMany(store, 5_000, i -> finishedAt("t" + i, nowMs));
        nowMs += 60_000;
        sweepOnce(store);
        int left = listAll(store, TaskFilter.ALL, 5_000).size();
        assertTrue(0 < left && left < 5_000, "one sweep left " + left + " of 5000");
        await("it wants to go on at once").until(() -> nextSweepMs(store) <= nowMs);
        await().until(() -> {
            sweepOnce(store);
            return list(store, TaskFilter.ALL, null, 1).tasks().isEmpty();
        });
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
    void aListLeavesOutResultsThatAreTooLong() {
        TaskStore store = large();
        finish(store, task("long", null, TaskSnapshot.State.COMPLETED, List.of(), 1_001), "x".repeat(1_001));
        finish(store, task("short", null, TaskSnapshot.State.COMPLETED, List.of(), 1_000), "x".repeat(1_000));
        List<StoredTask> tasks = list(store, TaskFilter.ALL, null, 10).tasks();
        assertEquals(List.of("long", "short"), ids(list(store, TaskFilter.ALL, null, 10)));
        assertNull(tasks.get(0).result());
        assertArrayEquals(bytes("x".repeat(1_000)), tasks.get(1).result());
        assertArrayEquals(
                bytes("x".repeat(1_001)), find(store, "long").orElseThrow().result());
    }

    @Test
    void aPageEndsWithTheResultThatReachesItsBytes() {
        TaskStore store = large();
        for (int i = 1; i <= 5; i++) {
            finish(store, task("t" + i, null, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i), "x".repeat(400));
        }
        TaskStore.Page first = list(store, new ListQuery(TaskFilter.ALL, null, 10, 1_000, 800));
        assertEquals(List.of("t5", "t4"), ids(first));
        assertEquals(
                List.of("t3", "t2", "t1"),
                ids(list(store, new ListQuery(TaskFilter.ALL, first.next(), 10, 399, 800))),
                "results that are left out do not count");
    }

    @Test
    void aResultThatIsLongerThanWhoAsksWantsIsLeftOut() {
        TaskStore store = large();
        for (int bytes : new int[] {100, 100_000, 1_000_000}) {
            String id = "of" + bytes;
            finish(store, completed(id, null), "x".repeat(bytes));
            assertNull(findUpTo(store, id, bytes - 1).orElseThrow().result());
            assertArrayEquals(
                    bytes("x".repeat(bytes)),
                    findUpTo(store, id, bytes).orElseThrow().result());
        }
    }

    /** Around the length of a piece, and of several. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20_000, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3 << 18, 1_000_000})
    void aResultIsReadPieceByPiece(int bytes) {
        TaskStore store = large();
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            text.append(text.length()).append(',');
        }
        text.setLength(bytes);
        finish(store, completed("a", null), text.toString());
        StoredResult result =
                Objects.requireNonNull(openResult(store, "a").orElseThrow().result());
        assertEquals(bytes, result.length());
        StringBuilder read = new StringBuilder();
        while (read.length() < bytes) {
            ByteBuffer piece = piece(result, read.length());
            assertTrue(piece.hasRemaining() && piece.remaining() <= StoredResult.PIECE_BYTES);
            read.append(StandardCharsets.UTF_8.decode(piece.duplicate()));
        }
        assertEquals(text.toString(), read.toString());
        assertEquals(text.charAt(bytes / 2), (char) piece(result, bytes / 2).get(), "from anywhere");
    }

    @Test
    void aTaskThatDidNotCompleteHasNoResult() {
        TaskStore store = large();
        onLoop((CompletableFuture<Boolean> done) ->
                createAndFinish(store, task("a", null, TaskSnapshot.State.CANCELLED, List.of()), null, done));
        assertNull(openResult(store, "a").orElseThrow().result());
        assertFalse(openResult(store, "b").isPresent());
    }

    @Test
    void nothingOfADeletedResultIsLeft() {
        TaskStore store = large();
        finish(store, completed("a", "k"), "x".repeat(1_000_000));
        assertTrue(delete(store, "a"));
        assertFalse(openResult(store, "a").isPresent());
        finish(store, completed("a", "k"), "y".repeat(600_000));
        assertArrayEquals(
                bytes("y".repeat(600_000)), find(store, "a").orElseThrow().result());
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
    void aListIsFilteredByStateTypeLabelsAndTheEndOfTheId() {
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
        assertEquals(List.of("done"), listAll(store, TaskFilter.ofIdEnd("one"), 10));
        assertEquals(List.of(), listAll(store, TaskFilter.ofIdEnd("done and more"), 10));
        assertEquals(List.of(), listAll(store, new TaskFilter(null, null, Map.of("team", "a", "x", "y")), 10));
    }

    @Test
    void aPageThatFindsLittleEndsAndGoesOnLater() {
        TaskStore store = opened(100_000, 1 << 30);
        finish(store, task("old", null, TaskSnapshot.State.CANCELLED, List.of(), 1), "1");
        finishMany(store, 25_000, i -> task("t" + i, null, TaskSnapshot.State.COMPLETED, List.of(), 1_000 + i));
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
    void deletedTasksDoNotCountTowardsRetention() {
        TaskStore store = opened(2, 1 << 30);
        finish(store, completed("a", null), "1");
        finish(store, completed("b", null), "1");
        delete(store, "b");
        finish(store, completed("c", null), "1");
        assertTrue(find(store, "a").isPresent());
    }
}
