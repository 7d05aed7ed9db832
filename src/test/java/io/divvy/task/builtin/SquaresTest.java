package io.divvy.task.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.task.JsonText;
import io.divvy.task.Subject;
import io.divvy.task.Subtasks;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums in 128 bits, and whole ranges of subtasks at once, against the closed formula. */
class SquaresTest {
    private final SumOfSquares type = new SumOfSquares();

    @Test
    void squaresAreExactAtEveryMagnitude() throws Exception {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            long start = random.nextLong() >> 9 + random.nextInt(50);
            long end = start + random.nextInt(1 << 17);
            int bits = Math.max(bits(start), bits(end));
            if (bits <= Squares.MAX_BITS) {
                assertEquals(
                        closedFormula(start, end),
                        Squares.sum(start, end, bits, Subject.UNDISTURBED),
                        "seed " + seed + ", " + start + " to " + end);
            }
        }
    }

    @Test
    void squaresAreExactWhereWordsAreAlmostFull() throws Exception {
        for (int bits : new int[] {31, 32, 33, 55}) {
            long end = (1L << bits) - 1;
            long start = end - (1 << 16) + 1;
            assertEquals(closedFormula(start, end), Squares.sum(start, end, bits, Subject.UNDISTURBED), bits + " bits");
            assertEquals(
                    closedFormula(-end - 1, -start - 1),
                    Squares.sum(-end - 1, -start - 1, bits, Subject.UNDISTURBED),
                    bits + " bits, negative");
        }
    }

    /** Short ranges have a loop of their own. */
    @Test
    void sumsOfFewSquaresAreExact() throws Exception {
        for (int bits : new int[] {1, 30, 31, 33, 54, 55}) {
            for (int terms : new int[] {1, 2, 10, 1_023, 1_024, 1_025}) {
                long end = (1L << bits) - 1;
                long start = end - terms + 1;
                int largest = Math.max(bits(start), bits(end));
                assertEquals(
                        closedFormula(start, end),
                        Squares.sum(start, end, largest, Subject.UNDISTURBED),
                        terms + " terms of " + bits + " bits");
            }
        }
    }

    @Test
    void squaresOfARangeOfSubtasksAreOneSum() throws Exception {
        Subtasks billion = type.split(JsonText.object("{\"start\":1,\"end\":1000000000}"), 1_000_000_000L);
        assertEquals(
                closedFormula(900_000_001, 901_000_000),
                type.rangeFolder()
                        .foldRange(billion, 900_000_000, 901_000_000, Subject.UNDISTURBED)
                        .bigIntegerValue());
    }

    private static int bits(long value) {
        return BigInteger.valueOf(value).bitLength();
    }

    private static BigInteger closedFormula(long start, long end) {
        return closedFormula(end).subtract(closedFormula(start - 1));
    }

    /** The sum of the squares of 0 to n; for negative n, minus that of n + 1 to 0. */
    private static BigInteger closedFormula(long last) {
        BigInteger n = BigInteger.valueOf(last);
        return n.multiply(n.add(BigInteger.ONE))
                .multiply(n.add(n).add(BigInteger.ONE))
                .divide(BigInteger.valueOf(6));
    }
}
