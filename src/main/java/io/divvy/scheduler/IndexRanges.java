package io.divvy.scheduler;

import io.divvy.state.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of indexes, kept as sorted, disjoint, non-touching ranges.
 *
 * <p>{@code bounds} holds {@code from0, to0, from1, to1, …}, strictly ascending. A position in it that is even lies
 * outside of every range, an odd one inside; that is all that {@link #add} and {@link #remove} need to know. Both cost
 * O(log n) to find and O(n) to shift, n being the number of ranges, which callers keep small.
 */
public final class IndexRanges {
    private static final int INITIAL_BOUNDS = 4;
    /** In the place of a bound. */
    private static final long NONE = -1;

    private long[] bounds = new long[INITIAL_BOUNDS];
    private int length;
    private long size;
    /** Hears how many ranges there are more, or fewer. */
    private @Nullable Tally tally;

    interface Tally {
        void add(int ranges);
    }

    public IndexRanges() {}

    IndexRanges(Tally tally) {
        this.tally = tally;
    }

    public static IndexRanges of(long from, long to) {
        IndexRanges ranges = new IndexRanges();
        ranges.add(from, to);
        return ranges;
    }

    /** Adds {@code [from, to)}. Returns how many of its indexes were not in the set before. */
    public long add(long from, long to) {
        requireRange(from, to);
        int low = firstAtLeast(from);
        int high = firstAbove(to);
        long added = (to - from) - overlap(from, to, low, high);
        replace(low, high, even(low) ? from : NONE, even(high) ? to : NONE);
        size += added;
        return added;
    }

    /** Removes {@code [from, to)}. Returns how many of its indexes were in the set. */
    public long remove(long from, long to) {
        requireRange(from, to);
        int low = firstAtLeast(from);
        int high = firstAbove(to);
        long removed = overlap(from, to, low, high);
        if (removed > 0) {
            replace(low, high, even(low) ? NONE : from, even(high) ? NONE : to);
            size -= removed;
        }
        return removed;
    }

    /** Removes all, and lets go of the memory. */
    public void clear() {
        bounds = new long[0];
        tell(-length);
        length = 0;
        size = 0;
    }

    /** Takes its ranges off the tally; what happens to them from now on is not told. */
    void leaveTally() {
        tell(-length);
        tally = null;
    }

    private void tell(int newBounds) {
        if (tally != null && newBounds != 0) {
            tally.add(newBounds / 2);
        }
    }

    public boolean contains(long index) {
        return !even(firstAbove(index));
    }

    /** The parts of {@code [from, to)} that are in the set, ascending. */
    public List<Range> within(long from, long to) {
        requireRange(from, to);
        List<Range> found = new ArrayList<>(1);
        for (int i = firstAbove(from) & ~1; i < length && bounds[i] < to; i += 2) {
            found.add(new Range(Math.max(from, bounds[i]), Math.min(to, bounds[i + 1])));
        }
        return found;
    }

    /** The parts of {@code [from, to)} that are not in the set, ascending. */
    public List<Range> gapsWithin(long from, long to) {
        requireRange(from, to);
        List<Range> gaps = new ArrayList<>(1);
        long next = from;
        for (int i = firstAbove(from) & ~1; i < length && bounds[i] < to; i += 2) {
            if (bounds[i] > next) {
                gaps.add(new Range(next, bounds[i]));
            }
            next = bounds[i + 1];
        }
        if (next < to) {
            gaps.add(new Range(next, to));
        }
        return gaps;
    }

    /** The lowest range, whole. The set must not be empty. */
    public Range first() {
        return range(0);
    }

    /** The lowest index. The set must not be empty. */
    public long firstIndex() {
        if (length == 0) {
            throw new IllegalStateException("an empty set has no first index");
        }
        return bounds[0];
    }

    public List<Range> toList() {
        List<Range> ranges = new ArrayList<>(rangeCount());
        for (int i = 0; i < rangeCount(); i++) {
            ranges.add(range(i));
        }
        return ranges;
    }

    /** How many indexes are in the set. */
    public long size() {
        return size;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    public int rangeCount() {
        return length / 2;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexRanges that && Arrays.equals(bounds, 0, length, that.bounds, 0, that.length);
    }

    @Override
    public int hashCode() {
        return toList().hashCode();
    }

    @Override
    public String toString() {
        return toList().toString();
    }

    private Range range(int number) {
        return new Range(bounds[2 * number], bounds[2 * number + 1]);
    }

    /** The position of the first bound that is at least {@code value}. */
    private int firstAtLeast(long value) {
        int found = Arrays.binarySearch(bounds, 0, length, value);
        return found >= 0 ? found : -found - 1;
    }

    /** The position of the first bound that is above {@code value}. */
    private int firstAbove(long value) {
        int found = Arrays.binarySearch(bounds, 0, length, value);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /** How many indexes of {@code [from, to)} are in the set; {@code low} and {@code high} are its positions. */
    private long overlap(long from, long to, int low, int high) {
        long overlap = 0;
        for (int i = low & ~1; i < Math.min(length, (high + 1) & ~1); i += 2) {
            overlap += Math.max(0, Math.min(to, bounds[i + 1]) - Math.max(from, bounds[i]));
        }
        return overlap;
    }

    /** Puts new bounds, or one, or none, in the place of those from {@code low} to {@code high - 1}. */
    private void replace(int low, int high, long from, long to) {
        int inserted = (from == NONE ? 0 : 1) + (to == NONE ? 0 : 1);
        int newLength = length - (high - low) + inserted;
        if (newLength > bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.max(newLength, bounds.length * 2));
        }
        System.arraycopy(bounds, high, bounds, low + inserted, length - high);
        int at = low;
        if (from != NONE) {
            bounds[at++] = from;
        }
        if (to != NONE) {
            bounds[at] = to;
        }
        int newBounds = newLength - length;
        length = newLength;
        tell(newBounds);
    }

    private static boolean even(int position) {
        return (position & 1) == 0;
    }

    private static void requireRange(long from, long to) {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("a range needs 0 <= from < to, got [" + from + ", " + to + ")");
        }
    }
}
