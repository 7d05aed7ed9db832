package io.divvy.store.sqlite;

import io.divvy.heap.HeapShare;

/**
 * How patient the store is.
 *
 * @param commitsPerSecond above that many, a commit waits for company
 * @param commitBurst how many commits may come at once before that counts
 * @param batchesPerHousekeeping while there is always something to write, housekeeping gets one transaction in so many
 * @param idleMs with nothing to write, after which housekeeping has its turn
 * @param firstRetryMs after a failure; doubles up to {@code longestRetryMs}
 * @param slowCommitMs when a transaction that has not come back is reported
 * @param closeMs for what is queued when the store is closed
 * @param readRoomBytes that are read and not taken by the loop yet
 * @param longLogBytes of the log of changes, from which on readers let go of it so that it begins anew
 */
record Tuning(
        int commitsPerSecond,
        int commitBurst,
        int batchesPerHousekeeping,
        long idleMs,
        long firstRetryMs,
        long longestRetryMs,
        long slowCommitMs,
        long closeMs,
        long readRoomBytes,
        long longLogBytes) {
    static final Tuning DEFAULT =
            new Tuning(1_600, 20, 20, 10, 100, 2_000, 5_000, 10_000, HeapShare.RESULT_READS.ofThisHeap(), 48L << 20);
}
