package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums that never overflow. */
class ExactSumTest {
    private static final BigInteger TWO_TO_63 = BigInteger.ONE.shiftLeft(63);

    @Test
    void aSumIsExactBeyondTheRangeOfLong() {
        ExactSum sum = new ExactSum().add(Long.MAX_VALUE).add(1);
        assertEquals(TWO_TO_63, sum.value());
        assertEquals(
                TWO_TO_63.negate(), sum.add(Long.MIN_VALUE).add(Long.MIN_VALUE).value());
        assertEquals(TWO_TO_63.negate().subtract(BigInteger.ONE), sum.add(-1).value());
    }

    @Test
    void aSumTakesNumbersOfAnySize() {
        BigInteger googol = BigInteger.TEN.pow(100);
        ExactSum sum = new ExactSum().add(googol).add(7).add(googol.negate());
        assertEquals(BigInteger.valueOf(7), sum.value());
    }

    @Test
    void equalValuesAreEqualNodesHoweverTheyCameAbout() {
        BigInteger googol = BigInteger.TEN.pow(100);
        assertEquals(LongNode.valueOf(3), new ExactSum().add(3).toJson());
        assertEquals(
                LongNode.valueOf(3),
                new ExactSum().add(googol).add(3).add(googol.negate()).toJson());
        assertEquals(LongNode.valueOf(Long.MIN_VALUE), ExactSum.toJson(TWO_TO_63.negate()));
        assertEquals(BigIntegerNode.valueOf(TWO_TO_63), ExactSum.toJson(TWO_TO_63));
    }

    @Test
    void randomNumbersInAnyGroupingGiveTheSameSum() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            BigInteger expected = BigInteger.ZERO;
            ExactSum[] parts = {new ExactSum(), new ExactSum(), new ExactSum()};
            for (int i = 0; i < 100; i++) {
                ExactSum part = parts[random.nextInt(parts.length)];
                if (random.nextBoolean()) {
                    long value = random.nextLong() >> random.nextInt(63);
                    expected = expected.add(BigInteger.valueOf(value));
                    part.add(value);
                } else {
                    BigInteger value = new BigInteger(random.nextInt(130), random);
                    value = random.nextBoolean() ? value.negate() : value;
                    expected = expected.add(value);
                    part.add(value);
                }
            }
            assertEquals(expected, parts[0].add(parts[1]).add(parts[2]).value(), "seed " + seed);
        }
    }
}
