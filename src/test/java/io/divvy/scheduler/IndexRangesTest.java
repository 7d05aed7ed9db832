package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The set of indexes under every count, against a set of bits. */
class IndexRangesTest {
    private static final int UNIVERSE = 200;

    @Test
    void touchingRangesBecomeOne() {
        IndexRanges ranges = IndexRanges.of(0, 10);
        assertEquals(10, ranges.add(20, 30));
        assertEquals(List.of(new Range(0, 10), new Range(20, 30)), ranges.toList());
        assertEquals(10, ranges.add(10, 20));
        assertEquals(List.of(new Range(0, 30)), ranges.toList());
        assertEquals("[[0, 30)]", ranges.toString());
    }

    @Test
    void anIndexThatIsAddedTwiceCountsOnce() {
        IndexRanges ranges = IndexRanges.of(5, 10);
        assertEquals(5, ranges.add(0, 12) - 2);
        assertEquals(0, ranges.add(3, 4));
        assertEquals(12, ranges.size());
    }

    @Test
    void aHoleSplitsARange() {
        IndexRanges ranges = IndexRanges.of(0, 10);
        assertEquals(2, ranges.remove(4, 6));
        assertEquals(0, ranges.remove(4, 6));
        assertEquals(List.of(new Range(0, 4), new Range(6, 10)), ranges.toList());
        assertEquals(List.of(new Range(4, 6)), ranges.gapsWithin(2, 8));
        assertEquals(List.of(new Range(2, 4), new Range(6, 8)), ranges.within(2, 8));
    }

    @Test
    void anEmptySetHasNoFirst() {
        IndexRanges ranges = new IndexRanges();
        assertTrue(ranges.isEmpty());
        assertEquals(0, ranges.rangeCount());
        assertFalse(ranges.contains(0));
        assertThrows(IllegalStateException.class, ranges::firstIndex);
    }

    @Test
    void indexesMayBeAsLargeAsALongHolds() {
        IndexRanges ranges = IndexRanges.of(Long.MAX_VALUE - 10, Long.MAX_VALUE);
        assertEquals(10, ranges.size());
        assertEquals(1, ranges.remove(Long.MAX_VALUE - 5, Long.MAX_VALUE - 4));
        assertTrue(ranges.contains(Long.MAX_VALUE - 1));
    }

    @Test
    void emptyReversedAndNegativeRangesAreMistakes() {
        IndexRanges ranges = new IndexRanges();
        assertThrows(IllegalArgumentException.class, () -> ranges.add(3, 3));
        assertThrows(IllegalArgumentException.class, () -> ranges.remove(4, 3));
        assertThrows(IllegalArgumentException.class, () -> ranges.within(-1, 3));
        assertThrows(IllegalArgumentException.class, () -> new Range(2, 2));
        IllegalArgumentException mistake = assertThrows(IllegalArgumentException.class, () -> ranges.gapsWithin(-1, 3));
        assertEquals("a range needs 0 <= from < to, got [-1, 3)", mistake.getMessage());
    }

    @Test
    void equalSetsAreEqualHoweverTheyCameAbout() {
        IndexRanges one = IndexRanges.of(0, 100);
        one.remove(10, 20);
        IndexRanges other = new IndexRanges();
        for (long index = 99; index >= 0; index--) {
            if (index < 10 || index >= 20) {
                other.add(index, index + 1);
            }
        }
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
        other.add(15, 16);
        assertNotEquals(one, other);
        assertNotEquals(one, new Object());
    }

    @Test
    void randomOperationsDoWhatASetOfBitsDoes() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            IndexRanges ranges = new IndexRanges();
            BitSet bits = new BitSet();
            for (int step = 0; step < 200; step++) {
                int from = random.nextInt(UNIVERSE);
                int to = from + 1 + random.nextInt(random.nextBoolean() ? 3 : 40);
                int before = bits.cardinality();
                long changed;
                if (random.nextBoolean()) {
                    bits.set(from, to);
                    changed = ranges.add(from, to);
                    assertEquals(bits.cardinality() - before, changed);
                } else {
                    bits.clear(from, to);
                    changed = ranges.remove(from, to);
                    assertEquals(before - bits.cardinality(), changed);
                }
                compare(bits, ranges, random, "seed " + seed + ", step " + step);
            }
        }
    }

    private static void compare(BitSet bits, IndexRanges ranges, Random random, String where) {
        assertEquals(bits.cardinality(), ranges.size(), where);
        assertEquals(bits.isEmpty(), ranges.isEmpty(), where);
        int from = random.nextInt(UNIVERSE);
        int to = from + 1 + random.nextInt(60);
        List<Range> runs = runs(bits, 0, UNIVERSE + 50);
        assertEquals(runs, ranges.toList(), where);
        assertEquals(runs.size(), ranges.rangeCount(), where);
        assertEquals(runs(bits, from, to), ranges.within(from, to), where);
        BitSet gaps = new BitSet();
        gaps.set(from, to);
        gaps.andNot(bits);
        assertEquals(runs(gaps, from, to), ranges.gapsWithin(from, to), where);
        assertEquals(bits.get(from), ranges.contains(from), where);
        if (!runs.isEmpty()) {
            assertEquals(runs.get(0), ranges.first(), where);
            assertEquals(runs.get(0).from(), ranges.firstIndex(), where);
        }
    }

    private static List<Range> runs(BitSet bits, int from, int to) {
        List<Range> runs = new ArrayList<>();
        for (int start = bits.nextSetBit(from); start >= 0 && start < to; ) {
            int end = Math.min(to, bits.nextClearBit(start));
            runs.add(new Range(start, end));
            start = bits.nextSetBit(end);
        }
        return runs;
    }

    @Test
    void anEmptiedSetOfRangesIsLikeANewOne() {
        IndexRanges ranges = IndexRanges.of(3, 5);
        ranges.add(8, 9);
        ranges.clear();
        assertEquals(new IndexRanges(), ranges);
        assertEquals(0, ranges.size());
        ranges.add(1, 2);
        assertEquals(IndexRanges.of(1, 2), ranges);
    }
}
