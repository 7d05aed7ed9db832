package io.divvy.protocol;

import org.jspecify.annotations.Nullable;

/** A request was not taken. The message is meant for whoever made it. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    @Nullable
    private final Long retryAfterMs;

    /** @param retryAfterMs when to try again, for {@link ErrorCode#BUSY}; else null */
    public RefusedException(ErrorCode code, String message, @Nullable Long retryAfterMs) {
        super(ErrorText.bounded(message));
        this.code = code;
        this.retryAfterMs = retryAfterMs;
    }

    public ErrorCode code() {
        return code;
    }

    /** When to try again, for {@link ErrorCode#BUSY}; else null. */
    public @Nullable Long retryAfterMs() {
        return retryAfterMs;
    }
}
