package io.divvy.store;

import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.divvy.state.Range;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends TaskStoreContractTest {
    @Override
    protected TaskStore open(Retention retention) {
        return new MemoryStore(retention);
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
    void aKeyThatATaskTookOverStaysWithIt() {
        TaskStore store = opened(1_000, 1 << 30);
        finish(store, completed("a", "key"), "1");
        finish(store, completed("b", "key"), "1");
        delete(store, "a");
        assertEquals(Optional.of("b"), findByKey(store, "key"));
    }

    @Test
    void memoryIsNotDurable() {
        try (TaskStore store = new MemoryStore(Retention.DEFAULT)) {
            assertFalse(store.isDurable());
        }
    }

    @Test
    void aTaskThatFinishesTwiceIsAMistakeOfOurs() {
        try (TaskStore store = new MemoryStore(Retention.DEFAULT)) {
            StoredTask stored =
                    new StoredTask(completed("a", null), new TaskNotes(null, Map.of()), StoredTexts.NONE, null);
            store.finishTask(stored, () -> {});
            assertThrows(IllegalStateException.class, () -> store.finishTask(stored, () -> {}));
        }
    }

    /** What is counted is no less than what was allocated, so the bound on it bounds the memory. */
    @Test
    void aStoredTaskCountsForNoLessThanItTakes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int tasks = 20_000;
        int counted = 0;
        try (MemoryStore store = new MemoryStore(new Retention(FOR_EVER_MS, tasks, 1L << 40))) {
            store.finishTask(small(-1), () -> {}); // Loads what is needed.
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < tasks; i++) {
                StoredTask stored = small(i);
                counted += (int) stored.sizeBytes();
                store.finishTask(stored, () -> {});
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(counted >= allocated, counted / tasks + " bytes were counted for each of " + allocated / tasks);
            assertTrue(
                    counted < 2 * allocated, counted / tasks + " bytes were counted for each of " + allocated / tasks);
        }
    }

    /** With text of its own, as one that came over a connection has. */
    private static StoredTask small(int number) {
        TaskSnapshot usual = completed("0193f0d0-0000-7000-8000-" + (100_000_000_000L + number), "key " + number);
        TaskSpec spec = usual.spec();
        TaskSpec own = TaskSpec.of(spec.id(), new String(spec.type().toCharArray()))
                .submittedAs(spec.submitKey(), "x".repeat(64))
                .derivable(spec.derivable())
                .foldOrder(spec.foldOrder())
                .foldable(spec.foldable())
                .keepsResults(spec.keepsResults())
                .earlyEnd(spec.earlyEnd())
                .onFailure(spec.onFailure())
                .priority(spec.priority())
                .maxAttempts(spec.maxAttempts())
                .subtaskTimeoutMs(spec.subtaskTimeoutMs())
                .timeoutMs(spec.timeoutMs())
                .build();
        // Not by a draft: what is allocated here is counted.
        TaskSnapshot snapshot = new TaskSnapshot(
                own,
                usual.state(),
                usual.ledger(),
                usual.retries(),
                usual.duplicates(),
                usual.submittedMs(),
                usual.startedMs(),
                usual.finishedMs(),
                new ArrayList<>(usual.failedRanges()),
                null);
        return new StoredTask(snapshot, new TaskNotes(null, Map.of()), StoredTexts.NONE, new byte[10]);
    }

    @Test
    void theBytesThatItKeepsAreBoundedHoweverManyAndHoweverSmallTheTasksAre() {
        long most = 1 << 20;
        try (MemoryStore store = new MemoryStore(new Retention(FOR_EVER_MS, 100_000, most))) {
            for (int i = 0; i < 5_000; i++) {
                store.finishTask(small(i), () -> {});
                store.sweep(0);
                assertTrue(store.bytes() <= most);
            }
            assertTrue(store.bytes() > most - 2_000, "it keeps as many as fit");
        }
    }
}
