package io.divvy.client;

import io.divvy.protocol.TaskError;
import org.jspecify.annotations.Nullable;

/** A task ended without a result: it failed, or it was cancelled. */
public final class TaskFailedException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable TaskError error;

    TaskFailedException(String message, @Nullable TaskError error) {
        super(message);
        this.error = error;
    }

    /** Why it failed; null if it was cancelled. */
    public @Nullable TaskError error() {
        return error;
    }
}
