package io.divvy.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A store cannot be opened. The message says what is wrong, where, and what to do. Nothing was changed. */
public final class StoreOpenException extends IOException {
    private static final long serialVersionUID = 1;

    /** What is wrong with it. */
    public enum Reason {
        /** Another server uses it. */
        LOCKED,
        /** A newer version of Divvy wrote it. */
        NEWER_SCHEMA,
        /** It is torn, or it is something else. */
        DAMAGED,
        /** It cannot be read or written: rights, space, a missing folder. */
        UNREACHABLE
    }

    private final Reason reason;

    public StoreOpenException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
