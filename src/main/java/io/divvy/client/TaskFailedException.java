package io.divvy.client;

import io.divvy.protocol.TaskError;
import org.jspecify.annotations.Nullable;

/** A task has no result to give: it failed, or one of the more special reasons. */
public sealed class TaskFailedException extends Exception
        permits TaskCancelledException, TaskLostException, ResultTooLargeException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable TaskError error;

    TaskFailedException(String message, @Nullable TaskError error) {
        super(message);
        this.error = error;
    }

    /** What the server says of a task that failed; null if this is one of the subclasses. */
    public @Nullable TaskError error() {
        return error;
    }
}
