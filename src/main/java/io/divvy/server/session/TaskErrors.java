package io.divvy.server.session;

import io.divvy.protocol.TaskError;
import io.divvy.state.TaskFailure;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a task failed, as senders are told. */
public final class TaskErrors {
    private TaskErrors() {}

    /** Null of none. */
    public static @Nullable TaskError of(@Nullable TaskFailure failure) {
        return failure == null
                ? null
                : new TaskError(
                        failure.code().name().toLowerCase(Locale.ROOT),
                        failure.message(),
                        failure.subtask(),
                        failure.worker(),
                        failure.attempts());
    }
}
