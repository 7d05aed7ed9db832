package io.divvy.store;

import io.divvy.state.Ledger;
import io.divvy.state.Range;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks to be stored. Made without drafts, as {@code MemoryStoreTest} counts what is allocated for one. */
public final class StoredTasks {
    private StoredTasks() {}

    public static TaskSnapshot queued(String id) {
        return task(id, null, TaskSnapshot.State.QUEUED, List.of());
    }

    public static TaskSnapshot task(
            String id, @Nullable String key, TaskSnapshot.State state, List<Range> failedRanges) {
        return task(id, key, state, failedRanges, 1_000);
    }

    public static TaskSnapshot task(
            String id, @Nullable String key, TaskSnapshot.State state, List<Range> failedRanges, long submittedMs) {
        return task(id, key == null ? null : SubmitKey.key(key), state, failedRanges, submittedMs);
    }

    private static TaskSnapshot task(
            String id, @Nullable SubmitKey key, TaskSnapshot.State state, List<Range> failedRanges, long submittedMs) {
        TaskSpec spec = TaskSpec.of(new TaskId(id), "sum_of_squares")
                .submittedAs(key, "fingerprint")
                .derivable(true)
                .foldOrder(TaskSpec.FoldOrder.ANY)
                .foldable(true)
                .maxAttempts(3)
                .build();
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

    public static TaskSnapshot completed(String id, @Nullable String key) {
        return task(id, key, TaskSnapshot.State.COMPLETED, List.of());
    }

    /** One that came in dialect 1. */
    public static TaskSnapshot completedOfPlainSender(String id, String plainId) {
        return task(id, SubmitKey.plainId(plainId), TaskSnapshot.State.COMPLETED, List.of(), 1_000);
    }

    /** As the task was when it came. */
    public static TaskSnapshot queued(TaskSnapshot task) {
        return new TaskSnapshot(
                task.spec(),
                TaskSnapshot.State.QUEUED,
                new Ledger(10, 10, 0, 0, 0, 0),
                0,
                0,
                task.submittedMs(),
                null,
                null,
                List.of(),
                null);
    }
}
