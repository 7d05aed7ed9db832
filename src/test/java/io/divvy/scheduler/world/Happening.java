package io.divvy.scheduler.world;

/** Something that is to happen. What was planned first for a moment happens first. */
record Happening(long atMs, long sequence, Runnable action) implements Comparable<Happening> {
    @Override
    public int compareTo(Happening other) {
        int byTime = Long.compare(atMs, other.atMs);
        return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
}
