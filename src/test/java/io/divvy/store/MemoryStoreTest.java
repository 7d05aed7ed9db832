package io.divvy.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends TaskStoreContractTest {
    @Override
    TaskStore open(Retention retention) {
        return new MemoryStore(retention);
    }

    @Test
    void itSaysThatItForgets() {
        try (TaskStore store = new MemoryStore(Retention.DEFAULT)) {
            assertFalse(store.isDurable());
        }
    }

    @Test
    void aTaskThatFinishesTwiceIsAMistakeOfOurs() {
        try (TaskStore store = new MemoryStore(Retention.DEFAULT)) {
            StoredTask stored = new StoredTask(completed("a", null), new TaskNotes(null, Map.of()), null);
            store.finishTask(stored, () -> {});
            assertThrows(IllegalStateException.class, () -> store.finishTask(stored, () -> {}));
        }
    }
}
