package io.divvy.worker;

import org.jspecify.annotations.Nullable;

/**
 * Why a subtask has no result.
 *
 * @param isRetryable whether another attempt may end otherwise
 * @param detail what a person needs to find the cause, such as a stack trace; null if there is nothing
 */
record SubtaskFailure(
        String message, boolean isRetryable, @Nullable String detail) {
    static SubtaskFailure retryable(String message) {
        return new SubtaskFailure(message, true, null);
    }

    static SubtaskFailure lasting(String message) {
        return new SubtaskFailure(message, false, null);
    }
}
