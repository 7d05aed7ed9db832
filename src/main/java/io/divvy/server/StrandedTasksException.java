package io.divvy.server;

import java.io.IOException;

/**
 * A server does not start, because it could not go on with unfinished tasks of a former one. The message, of one line, says
 * with which, why, and what to do. No task was changed.
 */
public final class StrandedTasksException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean canBeFailed;

    StrandedTasksException(String message, boolean canBeFailed) {
        super(message);
        this.canBeFailed = canBeFailed;
    }

    /** Whether a server that is to fail them ({@link OnStranded#FAIL_THEM}) would start. */
    public boolean canBeFailed() {
        return canBeFailed;
    }
}
