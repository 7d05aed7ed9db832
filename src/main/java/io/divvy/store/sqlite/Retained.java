package io.divvy.store.sqlite;

import io.divvy.store.Retention;
import io.divvy.store.StoredTask;

/**
 * How much is kept of what is finished.
 *
 * @param oldestMs when the oldest of them finished, {@link Long#MAX_VALUE} if there is none
 */
record Retained(long tasks, long oldestMs) {

    /** When the next of them is to be forgotten, in milliseconds since the epoch. */
    long nextSweepMs(Retention retention) {
        if (tasks > 1 && tasks > retention.tasks()) {
            return 0;
        }
        return oldestMs > Long.MAX_VALUE - retention.ms() ? Long.MAX_VALUE : oldestMs + retention.ms();
    }

    /** What a transaction does to it. */
    static final class Change {
        private long added;
        private long removed;
        private long oldestMs = Long.MAX_VALUE;

        void added(StoredTask task) {
            added++;
            oldestMs = Math.min(oldestMs, task.finishedMs());
        }

        void removed(long tasks) {
            removed += tasks;
        }

        long added() {
            return added;
        }

        boolean hasRemoved() {
            return removed > 0;
        }

        Retained applyTo(Retained before) {
            return new Retained(before.tasks() + added - removed, Math.min(before.oldestMs(), oldestMs));
        }
    }
}
