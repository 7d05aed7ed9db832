package io.divvy.state;

/**
 * Where the subtasks of a task are. Each index is in exactly one place, so the five add up to {@code total} at any
 * moment. Made by a {@link Draft}, by name.
 *
 * @param pending not leased now: fresh, given back, or waiting for a retry
 * @param leased held by at least one worker; an index counts once, however many leases hold it
 * @param done its result counts
 * @param failed out of attempts, in a task that goes on without it
 * @param cancelled never finished because the task ended first
 */
public record Ledger(long total, long pending, long leased, long done, long failed, long cancelled) {
    public static final Ledger EMPTY = new Draft(0).finish();

    /** A ledger that is made up, by name. What is not set is 0. */
    public static final class Draft {
        private final long total;
        public long pending;
        public long leased;
        public long done;
        public long failed;
        public long cancelled;

        public Draft(long total) {
            this.total = total;
        }

        public Ledger finish() {
            return new Ledger(total, pending, leased, done, failed, cancelled);
        }
    }

    public boolean addsUp() {
        return pending >= 0
                && leased >= 0
                && done >= 0
                && failed >= 0
                && cancelled >= 0
                && pending + leased + done + failed + cancelled == total;
    }
}
