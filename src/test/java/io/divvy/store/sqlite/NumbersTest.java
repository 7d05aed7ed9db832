package io.divvy.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.divvy.state.Range;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void rangesComeBackAsTheyWere() {
        List<Range> ranges = List.of(
                new Range(0, 1), new Range(127, 128), new Range(129, 16_384), new Range(1L << 40, Long.MAX_VALUE));
        assertEquals(ranges, Numbers.toRanges(Numbers.ofRanges(ranges)));
        assertEquals(List.of(), Numbers.toRanges(new byte[0]));
    }

    @Test
    void oneRangeTakesAFewBytes() {
        assertEquals(6, Numbers.ofRanges(List.of(new Range(5_000_000, 6_000_000))).length, 1);
    }

    @Test
    void aListThatIsCutOffIsNotRead() {
        byte[] whole = Numbers.ofRanges(List.of(new Range(1, 1_000)));
        byte[] cut = Arrays.copyOf(whole, whole.length - 1);
        assertThrows(IllegalStateException.class, () -> Numbers.toRanges(cut));
    }

    @Test
    void rangesThatDoNotAscendAreAMistakeOfOurs() {
        assertThrows(IllegalArgumentException.class, () -> Numbers.ofRanges(List.of(new Range(5, 6), new Range(0, 1))));
    }
}
