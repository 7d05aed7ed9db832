package io.divvy.scheduler;

import io.divvy.state.Results;

/** Results of which only one is not null. */
record MostlyNulls(IndexResults results, long index) implements Results {
    @Override
    public long sizeBytes() {
        return results.sizeBytes();
    }

    @Override
    public int firstNonNull(int from, int to) {
        long position = index - results.first();
        return from <= position && position < to ? (int) position : -1;
    }
}
