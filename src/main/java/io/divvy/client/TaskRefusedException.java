package io.divvy.client;

import org.jspecify.annotations.Nullable;

/** The server did not take a request. The message says why, and what it expected. */
public final class TaskRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;

    @Nullable
    private final Long retryAfterMs;

    TaskRefusedException(String code, String message, @Nullable Long retryAfterMs) {
        super(message);
        this.code = code;
        this.retryAfterMs = retryAfterMs;
    }

    /** An error code of the protocol, for instance {@code invalid_task}. */
    public String code() {
        return code;
    }

    /** When to try again, in milliseconds, for {@code busy}; else null. */
    public @Nullable Long retryAfterMs() {
        return retryAfterMs;
    }
}
