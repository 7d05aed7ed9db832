package io.divvy.worker;

/** The indexes from {@code from} up to, not including, {@code to}. */
record IndexRange(long from, long to) {
    @Override
    public String toString() {
        return "[" + from + ", " + to + ")";
    }
}
