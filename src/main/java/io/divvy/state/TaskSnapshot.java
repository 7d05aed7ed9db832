package io.divvy.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as it stands at one moment. Times are milliseconds since the epoch.
 *
 * @param retries attempts beyond the first, of all subtasks together
 * @param duplicates results that were dropped because their index was done already
 * @param startedMs when the first lease was cut, or null
 * @param finishedMs when it ended, or null
 * @param failedRanges out of attempts: what the task went on without, or what it failed of
 * @param failure set exactly when the state is {@code FAILED}
 */
public record TaskSnapshot(
        TaskSpec spec,
        State state,
        Ledger ledger,
        long retries,
        long duplicates,
        long submittedMs,
        @Nullable Long startedMs,
        @Nullable Long finishedMs,
        List<Range> failedRanges,
        @Nullable TaskFailure failure) {

    public enum State {
        QUEUED,
        RUNNING,
        COMPLETED,
        FAILED,
        CANCELLED;

        public boolean isTerminal() {
            return this != QUEUED && this != RUNNING;
        }
    }
}
