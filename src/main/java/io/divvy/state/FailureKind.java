package io.divvy.state;

/**
 * Attempts of one task that failed for the same reason, but for the numbers in it.
 *
 * @param message of all of them, with a {@code #} for each number; cut where it is long
 * @param attempts that failed so
 * @param subtasks that were given up for it
 * @param example one of them, of a subtask that was given up if there is one
 */
public record FailureKind(String message, boolean isPoisonous, long attempts, long subtasks, FailedAttempt example) {}
