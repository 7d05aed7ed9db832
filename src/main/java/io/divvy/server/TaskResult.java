package io.divvy.server;

import io.divvy.scheduler.TaskSnapshot;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What there is of the result of a task.
 *
 * @param state as in the task's view
 * @param json the result as it is stored, set exactly when the task completed; nobody changes the bytes
 */
public record TaskResult(String state, boolean isFinished, byte @Nullable [] json) {
    static TaskResult of(TaskSnapshot task, byte @Nullable [] json) {
        return new TaskResult(
                task.state().name().toLowerCase(Locale.ROOT), task.state().isTerminal(), json);
    }
}
