package io.divvy.scheduler;

import io.divvy.state.Results;

/**
 * Results that know what they are: entry {@code k} is the result of index {@code first + k}, the number {@code first + k +
 * 1}. A fold that takes the wrong entries gets a wrong sum.
 */
record IndexResults(long first, long count, long sizeBytes) implements Results {

    /** None of them is null. */
    @Override
    public int firstNonNull(int from, int to) {
        return from;
    }

    static IndexResults of(long from, long to) {
        return new IndexResults(from, to - from, 8 * (to - from));
    }

    static long valueOf(long index) {
        return index + 1;
    }

    /** The sum of the results of {@code [from, to)}. */
    static long sum(long from, long to) {
        return (valueOf(from) + valueOf(to - 1)) * (to - from) / 2;
    }
}
