package io.divvy.state;

import org.jspecify.annotations.Nullable;

/**
 * Why a task failed.
 *
 * @param subtask the index that was out of attempts, and so is counted as failed, or null where no single one was to blame
 * @param worker the name of the worker that had it last, or null
 * @param attempts how often that subtask was tried, or null
 */
public record TaskFailure(
        Code code,
        String message,
        @Nullable Long subtask,
        @Nullable String worker,
        @Nullable Integer attempts) {

    public enum Code {
        /** A subtask used up its attempts. */
        SUBTASK_FAILED,
        /** A subtask took down several workers. */
        SUBTASK_POISONOUS,
        /** The task's {@code timeout_ms} ran out. */
        TIMEOUT,
        /** The task type's own code failed to make payloads or to combine results. */
        TASK_TYPE_FAILED,
        /** The task outgrew a limit of the server. */
        LIMIT_EXCEEDED,
        /** The server could not go on with the task: a mistake of it, or a lack of memory. */
        INTERNAL
    }

    public static TaskFailure of(Code code, String message) {
        return new TaskFailure(code, message, null, null, null);
    }
}
