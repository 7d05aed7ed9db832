package io.divvy.net;

/**
 * After a pause of the process: what is overdue waits until what came meanwhile has been read, also from connections that
 * take turns. How much of it there is cannot be asked for, so it is over with the first look, after one at all sockets, that
 * finds nobody in line. While somebody always sends, that never comes: so it is over after {@link #LONGEST_MS} at the latest.
 */
final class CatchUp {
    /**
     * What is overdue waits so long at most, of time in which the loop runs. Enough to read full buffers of some ten workers
     * with quick subtasks; much less than what peers may be silent for.
     */
    static final long LONGEST_MS = 2_000;

    private boolean isUnderWay;
    private boolean isFirstLook;
    private long startMs;

    /** A pause is over. One in the middle of another's catching up makes it no longer. */
    void begin(long ranMs) {
        if (!isUnderWay) {
            isUnderWay = true;
            startMs = ranMs;
        }
        isFirstLook = true;
    }

    boolean isUnderWay() {
        return isUnderWay;
    }

    /**
     * All sockets were looked at, and those that take no turns were read from.
     *
     * @param isNobodyInLine none of them waits for its turn. One that was read from just now, and has more, gets in line at
     *     the next look only
     * @param ranMs for how long the loop has run
     */
    void looked(boolean isNobodyInLine, long ranMs) {
        if (isUnderWay) {
            isUnderWay = ranMs - startMs < LONGEST_MS && (isFirstLook || !isNobodyInLine);
            isFirstLook = false;
        }
    }
}
