package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorText;
import io.divvy.store.ReadFailure;
import org.jspecify.annotations.Nullable;

/** A request was not taken. The message is meant for whoever made it. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private static final Long BUSY_RETRY_MS = 1_000L;

    private final ErrorCode code;

    @Nullable
    private final Long retryAfterMs;

    RefusedException(ErrorCode code, String message, @Nullable Long retryAfterMs) {
        super(ErrorText.bounded(message));
        this.code = code;
        this.retryAfterMs = retryAfterMs;
    }

    /** Something of the store could not be read. */
    static RefusedException of(ReadFailure failure) {
        return failure.reason() == ReadFailure.Reason.BUSY
                ? new RefusedException(ErrorCode.BUSY, failure.message(), BUSY_RETRY_MS)
                : new RefusedException(ErrorCode.INTERNAL, failure.message(), null);
    }

    /** Of an answer that could not be given. */
    static RefusedException internal(Throwable cause) {
        return new RefusedException(ErrorCode.INTERNAL, Amends.text("the server could not answer", cause), null);
    }

    public ErrorCode code() {
        return code;
    }

    /** When to try again, for {@link ErrorCode#BUSY}; else null. */
    public @Nullable Long retryAfterMs() {
        return retryAfterMs;
    }
}
