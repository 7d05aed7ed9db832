package io.divvy.state;

import org.jspecify.annotations.Nullable;

/**
 * Results that count, of a run of indexes of one chunk, on their way into the fold.
 *
 * @param results null for indexes that are out of attempts
 * @param resultsFrom the index of the first entry of {@code results}, which may hold more than this part
 * @param combined whether {@code results} is one result for all of them
 * @param sizeBytes that this part of the results takes in memory
 */
public record Part(long from, long to, @Nullable Results results, long resultsFrom, boolean combined, long sizeBytes) {
    /** Of the part itself and its place among those that wait. */
    private static final long EARLY_BYTES = 112;

    /**
     * Results one by one.
     *
     * @param resultsFrom the index of the first entry of {@code results}
     * @param sizeBytes that those of {@code indexes} take of the results
     */
    public static Part each(Range indexes, Results results, long resultsFrom, long sizeBytes) {
        return new Part(indexes.from(), indexes.to(), results, resultsFrom, false, sizeBytes);
    }

    /** One result for all of these indexes. */
    public static Part combined(long from, long to, Results results) {
        return new Part(from, to, results, from, true, results.sizeBytes());
    }

    public static Part failed(long from, long to) {
        return new Part(from, to, null, from, false, 0);
    }

    /** What it takes while it waits for lower ones: with its place there. */
    public long earlyBytes() {
        return EARLY_BYTES + sizeBytes;
    }

    /** Whether both are results one by one, and the other one goes on where this one ends. */
    public boolean isFollowedBy(Part other) {
        return to == other.from && !combined && !other.combined;
    }

    /** The lowest index whose result is not null, or -1. */
    public long firstNonNull() {
        if (results == null) {
            return -1;
        }
        int position = results.firstNonNull((int) (from - resultsFrom), (int) (to - resultsFrom));
        return position < 0 ? -1 : resultsFrom + position;
    }
}
