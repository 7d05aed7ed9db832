package io.divvy.state;

/**
 * Where the subtasks of a task are. Each index is in exactly one place, so the five add up to {@code total} at any
 * moment.
 *
 * @param pending not leased now: fresh, given back, or waiting for a retry
 * @param leased held by at least one worker; an index counts once, however many leases hold it
 * @param done its result counts
 * @param failed out of attempts, in a task that goes on without it
 * @param cancelled never finished because the task ended first
 */
public record Ledger(long total, long pending, long leased, long done, long failed, long cancelled) {
    public static final Ledger EMPTY = new Ledger(0, 0, 0, 0, 0, 0);

    public boolean addsUp() {
        return pending >= 0
                && leased >= 0
                && done >= 0
                && failed >= 0
                && cancelled >= 0
                && pending + leased + done + failed + cancelled == total;
    }
}
