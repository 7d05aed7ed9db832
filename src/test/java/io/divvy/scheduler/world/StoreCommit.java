package io.divvy.scheduler.world;

import io.divvy.state.TaskId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One change on its way.
 *
 * @param failed what gives it up where the store fails, or null if it is tried until it is done
 */
record StoreCommit(
        TaskId task,
        Runnable apply,
        Runnable committed,
        @Nullable Consumer<String> failed) {}
