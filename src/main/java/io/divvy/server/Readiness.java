package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why the server takes no tasks for now, and what is wrong although it does. From any thread. */
final class Readiness {
    private static final long BUSY_RETRY_MS = 1_000;
    /** A disk that is full is seldom empty again within a second. */
    private static final long STORE_RETRY_MS = 5_000;

    private final Recovery recovery;
    private final StoreHealth storeHealth;
    private final TypeLanes lanes;

    Readiness(Recovery recovery, StoreHealth storeHealth, TypeLanes lanes) {
        this.recovery = recovery;
        this.storeHealth = storeHealth;
        this.lanes = lanes;
    }

    /** Not null while the tasks of a former server are taken up, which keeps the loop from its first turn. */
    @Nullable
    RefusedException starting() {
        int left = recovery.left();
        return left == 0
                ? null
                : new RefusedException(
                        ErrorCode.BUSY,
                        "not ready: the server is still taking up " + left
                                + (left == 1 ? " unfinished task" : " unfinished tasks"),
                        BUSY_RETRY_MS);
    }

    /** Not null while tasks cannot be saved. */
    @Nullable
    RefusedException failing() {
        String failure = storeHealth.failure();
        return failure == null
                ? null
                : new RefusedException(ErrorCode.BUSY, "not ready: tasks cannot be saved: " + failure, STORE_RETRY_MS);
    }

    /** The types whose code did not return, by name. */
    List<StuckType> stuck() {
        return lanes.stuck();
    }
}
