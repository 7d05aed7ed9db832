package io.divvy.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as it stands at one moment. Times are milliseconds since the epoch. Made by a {@link Draft}, by name.
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

    /** A snapshot that is made up, by name. What is not set is 0, or empty. */
    public static final class Draft {
        private final TaskSpec spec;
        private final State state;
        private final Ledger ledger;
        public long retries;
        public long duplicates;
        public long submittedMs;
        public @Nullable Long startedMs;
        public @Nullable Long finishedMs;
        public List<Range> failedRanges = List.of();
        public @Nullable TaskFailure failure;

        public Draft(TaskSpec spec, State state, Ledger ledger) {
            this.spec = spec;
            this.state = state;
            this.ledger = ledger;
        }

        public TaskSnapshot finish() {
            return new TaskSnapshot(
                    spec,
                    state,
                    ledger,
                    retries,
                    duplicates,
                    submittedMs,
                    startedMs,
                    finishedMs,
                    failedRanges,
                    failure);
        }
    }

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
