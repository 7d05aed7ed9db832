package io.divvy.state;

/** What a worker answered for a run of indexes, one entry each. The core hands it on and never looks inside. */
public interface Results {
    /** About how much memory this takes while it waits to be folded. */
    long sizeBytes();

    /** The first entry from position {@code from} to {@code to - 1} that is not null, or -1 if all are. */
    int firstNonNull(int from, int to);
}
