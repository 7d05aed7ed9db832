package io.divvy.recording;

import io.divvy.state.Range;
import io.divvy.state.Results;
import java.util.ArrayList;
import java.util.List;

/** Results of which only that is known that the core asks for: no values. */
record RecordedResults(Outline outline) implements Results {

    /**
     * What is recorded of results.
     *
     * @param bytes that they take in memory
     * @param nulls positions of entries that are null, in ascending order; all others are not
     */
    record Outline(long bytes, List<Range> nulls) {}

    /** Of entries {@code from} to {@code to - 1} of the results; what the others are is not looked at. */
    static RecordedResults of(Results results, int from, int to) {
        return new RecordedResults(new Outline(results.sizeBytes(), nulls(results, from, to)));
    }

    private static List<Range> nulls(Results results, int from, int to) {
        List<Range> nulls = new ArrayList<>();
        for (int next = from; next < to; ) {
            int found = results.firstNonNull(next, to);
            int end = found < 0 ? to : found;
            if (end > next) {
                nulls.add(new Range(next, end));
            }
            next = end + 1;
        }
        return nulls;
    }

    @Override
    public long sizeBytes() {
        return outline.bytes();
    }

    @Override
    public int firstNonNull(int from, int to) {
        long next = from;
        for (Range gap : outline.nulls()) {
            if (gap.from() <= next && next < gap.to()) {
                next = gap.to();
            }
        }
        return next < to ? (int) next : -1;
    }
}
