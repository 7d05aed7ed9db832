package io.divvy.scheduler.world;

import io.divvy.state.Results;

/**
 * The true results of {@code [first, first + count)}, one entry each, or, if they are combined, one for all of them.
 *
 * @param sizeBytes what they claim to take in memory
 */
record SimulatedResults(SimulatedTask task, long first, long count, boolean combined, long sizeBytes)
        implements Results {

    @Override
    public int firstNonNull(int from, int to) {
        for (int position = from; position < to; position++) {
            if (!task.isNull(first + position)) {
                return position;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return (combined ? "one result" : "results") + " of " + task + " [" + first + ", " + (first + count) + ")";
    }
}
