package io.divvy.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class MemoryStoreTest extends TaskStoreContractTest {
    @Override
    TaskStore open(int maxTasks, long maxBytes) {
        return new MemoryStore(maxTasks, maxBytes);
    }

    @Test
    void itSaysThatItForgets() {
        try (TaskStore store = new MemoryStore(1, 1)) {
            assertFalse(store.isDurable());
        }
    }

    @Test
    void aTaskThatFinishesTwiceIsAMistakeOfOurs() {
        try (TaskStore store = new MemoryStore(10, 1 << 20)) {
            StoredTask stored = new StoredTask(completed("a", null), new byte[0], null);
            store.finishTask(stored, () -> {});
            assertThrows(IllegalStateException.class, () -> store.finishTask(stored, () -> {}));
        }
    }
}
