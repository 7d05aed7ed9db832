package io.divvy.state;

import org.jspecify.annotations.Nullable;

/**
 * The last attempt of a subtask that failed.
 *
 * @param index of the subtask
 * @param attempts how often it was tried by then
 * @param atMs since the epoch
 */
public record FailedAttempt(long index, int attempts, Verdict verdict, Said said, long atMs) {
    /** What became of the subtask. */
    public enum Verdict {
        /** It got another attempt. */
        RETRIED,
        /** It was out of attempts. */
        FAILED,
        /** It took down several workers. */
        POISONOUS
    }

    /**
     * Why it failed.
     *
     * @param worker the name of the worker that had it
     * @param detail what that worker said beside its message, such as a stack trace; or null
     */
    public record Said(
            String worker, String message, @Nullable String detail) {}

    public boolean isFinal() {
        return verdict != Verdict.RETRIED;
    }

    public FailedAttempt withoutDetail() {
        return said.detail == null
                ? this
                : new FailedAttempt(index, attempts, verdict, new Said(said.worker, said.message, null), atMs);
    }
}
