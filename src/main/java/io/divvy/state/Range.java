package io.divvy.state;

/** The indexes {@code from}, …, {@code to - 1}. */
public record Range(long from, long to) {
    public Range {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("a range needs 0 <= from < to, got [" + from + ", " + to + ")");
        }
    }

    public long size() {
        return to - from;
    }

    @Override
    public String toString() {
        return "[" + from + ", " + to + ")";
    }
}
