package io.divvy.scheduler;

import org.jspecify.annotations.Nullable;

/** A change of the truth that has to survive. */
public sealed interface Change {
    record TaskCreated(TaskSnapshot task) implements Change {}

    /** @param answer set exactly when the task completed */
    record TaskFinished(TaskSnapshot task, @Nullable Answer answer) implements Change {}
}
