package io.divvy.scheduler;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A fixed index range of a task while some of it is open. An index below the task's fresh mark is in exactly one of
 * {@code leased}, {@code returned} and {@code closed}, or it waits for a retry and is in none.
 */
final class Chunk {
    final int number;
    final long from;
    final long to;
    /** Held by at least one lease. */
    final IndexRanges leased = new IndexRanges();
    /** Was leased once and came back; goes out before anything fresh. */
    final IndexRanges returned = new IndexRanges();
    /** Done, or out of attempts. */
    final IndexRanges closed = new IndexRanges();
    /** The part of {@code closed} that is out of attempts. */
    final IndexRanges failed = new IndexRanges();

    /** The open leases of it. */
    final Set<Lease> leases = new LinkedHashSet<>();

    /** All below is folded. Only for a task that folds in ascending order. */
    private long foldedTo;

    private final TreeMap<Long, Part> early = new TreeMap<>();

    /**
     * Results that count, on their way into the fold.
     *
     * @param results null for indexes that are out of attempts
     * @param resultsFrom the index of the first entry of {@code results}
     */
    record Part(long from, long to, @Nullable Results results, long resultsFrom, long sizeBytes) {}

    Chunk(int number, long from, long to) {
        this.number = number;
        this.from = from;
        this.to = to;
        this.foldedTo = from;
    }

    boolean isComplete() {
        return closed.size() == to - from;
    }

    /** The parts of a range that no open lease holds unanswered. */
    List<Range> heldByNobody(Range range) {
        IndexRanges alone = IndexRanges.of(range.from(), range.to());
        for (Lease lease : leases) {
            for (Range held : lease.unanswered.within(range.from(), range.to())) {
                alone.remove(held.from(), held.to());
            }
        }
        return alone.toList();
    }

    /** Keeps a part until those below it are there. */
    void addEarly(Part part) {
        early.put(part.from(), part);
    }

    /** Bytes of results that wait for lower ones. */
    long earlyBytes() {
        return early.values().stream().mapToLong(Part::sizeBytes).sum();
    }

    /** The next part to fold in ascending order, or null while it is missing. */
    @Nullable
    Part pollNext() {
        Part next = early.remove(foldedTo);
        if (next != null) {
            foldedTo = next.to();
        }
        return next;
    }
}
