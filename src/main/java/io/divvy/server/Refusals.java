package io.divvy.server;

import io.divvy.guard.Failure;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.RefusedException;
import io.divvy.store.ReadFailure;

/** What who asked is told instead of an answer that could not be given. */
final class Refusals {
    private static final Long BUSY_RETRY_MS = 1_000L;

    private Refusals() {}

    /** Something of the store could not be read. */
    static RefusedException of(ReadFailure failure) {
        return failure.reason() == ReadFailure.Reason.BUSY
                ? new RefusedException(ErrorCode.BUSY, failure.message(), BUSY_RETRY_MS)
                : new RefusedException(ErrorCode.INTERNAL, failure.message(), null);
    }

    /** What the server could not do, and why. */
    static String text(String what, Throwable cause) {
        return ErrorText.bounded(what + ": " + Failure.of(cause));
    }

    /** By a failure of the server. */
    static RefusedException internal(Throwable cause) {
        return new RefusedException(ErrorCode.INTERNAL, text("the server could not answer", cause), null);
    }
}
