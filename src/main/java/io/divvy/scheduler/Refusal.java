package io.divvy.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * Why the core refused something.
 *
 * @param retryAfterMs for {@link Kind#BUSY}, when to try again; else null
 */
public record Refusal(Kind kind, String message, @Nullable Long retryAfterMs) {

    /** Named as the error codes of the protocol are. */
    public enum Kind {
        BAD_MESSAGE,
        INVALID_TASK,
        UNKNOWN_LEASE,
        CONFLICT,
        LIMIT_EXCEEDED,
        BUSY
    }

    static Refusal of(Kind kind, String message) {
        return new Refusal(kind, message, null);
    }
}
