package io.divvy.testing;

import static io.divvy.store.StoredTasks.queued;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.store.MemoryStore;
import io.divvy.store.NewTask;
import io.divvy.store.Retention;
import io.divvy.store.TaskNotes;
import io.divvy.store.TaskStore;
import io.divvy.store.TaskStoreContractTest;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The store that tests of the server have is one. */
class LateStoreTest extends TaskStoreContractTest {
    @Override
    protected TaskStore open(Retention retention) {
        return new ObservedStore(new LateStore(new MemoryStore(retention)));
    }

    @Test
    void noCommitIsAnsweredWithinTheCall() {
        ObservedStore store = (ObservedStore) opened(10, 1 << 20);
        CompletableFuture<Boolean> committed = new CompletableFuture<>();
        boolean isAtOnce = onLoop(atOnce -> {
            store.createTask(
                    new NewTask(queued("a"), new TaskNotes(null, Map.of()), bytes("{}")),
                    () -> committed.complete(true),
                    why -> committed.complete(false));
            atOnce.complete(committed.isDone());
        });
        assertFalse(isAtOnce);
        assertTrue(committed.orTimeout(10, TimeUnit.SECONDS).join());
        onLoop(done -> done.complete(true)); // The answer was acted on.
        assertEquals(1, store.calls());
        assertEquals(0, store.unanswered());
    }
}
