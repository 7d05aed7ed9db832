package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.TaskSpec.FoldOrder;
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
    final IndexRanges leased;
    /** Was leased once and came back; goes out before anything fresh. */
    final IndexRanges returned;
    /** Done, or out of attempts. */
    final IndexRanges closed;
    /** The part of {@code closed} that is out of attempts. */
    final IndexRanges failed;

    /** The open leases of it. */
    final Set<Lease> leases = new LinkedHashSet<>();

    /** Results that were not handed to the store yet and have to be, by their first index. */
    final TreeMap<Long, Part> unsavedParts = new TreeMap<>();

    /** How often it was handed to the store. */
    private long seq;

    /** All below is folded. Only for a task that folds in ascending order. */
    private long foldedTo;

    private final TreeMap<Long, Part> early = new TreeMap<>();

    /** @param tally hears of the ranges in its sets but that of failed ones, until all of it is closed */
    Chunk(int number, long from, long to, IndexRanges.Tally tally) {
        this.leased = new IndexRanges(tally);
        this.returned = new IndexRanges(tally);
        this.closed = new IndexRanges(tally);
        this.failed = new IndexRanges();
        this.number = number;
        this.from = from;
        this.to = to;
        this.foldedTo = from;
    }

    /** What is open below an index. */
    List<Range> gapsBelow(long index) {
        return index <= from ? List.of() : closed.gapsWithin(from, Math.min(to, index));
    }

    /** All of it is closed: its ranges are no longer told. */
    void leaveTally() {
        leased.leaveTally();
        returned.leaveTally();
        closed.leaveTally();
    }

    boolean isComplete() {
        return closed.size() == to - from;
    }

    /** How many open leases hold an index unanswered. */
    int holders(long index) {
        int holders = 0;
        for (Lease lease : leases) {
            if (lease.holds(index)) {
                holders++;
            }
        }
        return holders;
    }

    /** The parts of a range that no open lease holds unanswered. */
    List<Range> heldByNobody(Range range) {
        IndexRanges alone = IndexRanges.of(range.from(), range.to());
        for (Lease lease : leases) {
            for (Range held : lease.heldWithin(range.from(), range.to())) {
                alone.remove(held.from(), held.to());
            }
        }
        return alone.toList();
    }

    /** Goes on where it was when it was last handed to the store. */
    void restore(ChunkProgress progress) {
        seq = progress.seq();
        foldedTo = progress.foldedTo();
    }

    /** Its progress for the store, with those of its results that the store does not have. */
    ChunkProgress save(FoldOrder order, boolean keepsResults, List<ChunkProgress.Attempts> attempts) {
        long coveredTo = order == FoldOrder.ANY ? to : foldedTo;
        if (keepsResults) {
            coveredTo = from;
        } else {
            unsavedParts.headMap(coveredTo).clear();
        }
        List<Part> parts = List.copyOf(unsavedParts.values());
        unsavedParts.clear();
        ChunkProgress.Draft progress = new ChunkProgress.Draft(number, ++seq);
        progress.closed = closed.toList();
        progress.failed = failed.toList();
        progress.foldedTo = coveredTo;
        progress.attempts = attempts;
        progress.parts = parts;
        return progress.finish();
    }

    /** Whether a part is the next to fold in ascending order. */
    boolean isNext(Part part) {
        return part.from() == foldedTo;
    }

    /** The part, which is the next one, is folded. */
    void passed(Part part) {
        foldedTo = part.to();
    }

    /** Whether a part waits for lower ones. */
    boolean isEarly(Part part) {
        return early.containsKey(part.from());
    }

    /** Keeps a part until those below it are there. */
    void addEarly(Part part) {
        early.put(part.from(), part);
    }

    /** Bytes of results that wait for lower ones. */
    long earlyBytes() {
        return early.values().stream().mapToLong(Part::earlyBytes).sum();
    }

    /** The next part to fold in ascending order, or null while it is missing. */
    @Nullable
    Part pollNext() {
        return early.isEmpty() ? null : early.remove(foldedTo);
    }
}
