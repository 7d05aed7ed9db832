package io.divvy.task.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.ExactSum;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The classic example, against the closed formula n (n + 1) (2n + 1) / 6. */
class SumOfSquaresTest {
    private static final TaskContext UNDISTURBED = new TaskContext() {
        @Override
        public long index() {
            return 0;
        }

        @Override
        public void checkCancelled() {}
    };

    private final SumOfSquares sumOfSquares = new SumOfSquares();

    @Test
    void theSumOfSquaresOf1To1000000IsRight() throws Exception {
        assertEquals(LongNode.valueOf(333_333_833_333_500_000L), answer("1", "1000000", 10L));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "0, 0",
        "-5, 5",
        "-1000, -1",
        "-7, 100000",
        "2000000000, 2000200000",
        "-9000000000000000, -8999999999999000",
        // Around the largest term that is added in 128 bits, 2^55, and around the largest long.
        "36028797018963900, 36028797018964100",
        "-36028797018964100, -36028797018963900",
        "9223372036854775800, 9223372036854775820",
        "-9223372036854775820, -9223372036854775800",
        "100000000000000000000000000000000000000000, 100000000000000000000000000000000000000100"
    })
    void isExactForNumbersOfAnySize(String start, String end) throws Exception {
        BigInteger expected = closedFormula(new BigInteger(end))
                .subtract(closedFormula(new BigInteger(start).subtract(BigInteger.ONE)));
        assertEquals(ExactSum.toJson(expected), answer(start, end, 7L));
    }

    @Test
    void aStretchOfTheLargestTermsDoesNotOverflow() throws Exception {
        // 2^16 + 1 terms just below 2^55: the most that is ever added in 128 bits.
        BigInteger end = BigInteger.ONE.shiftLeft(55).subtract(BigInteger.ONE);
        BigInteger start = end.subtract(BigInteger.valueOf(1 << 16));
        BigInteger expected = closedFormula(end).subtract(closedFormula(start.subtract(BigInteger.ONE)));
        assertEquals(ExactSum.toJson(expected), answer(start.toString(), end.toString(), 1L));
    }

    @Test
    void randomRangesInRandomPartsGiveTheSameSum() throws Exception {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            BigInteger start = new BigInteger(random.nextInt(90), random);
            if (random.nextBoolean()) {
                start = start.negate();
            }
            BigInteger end = start.add(BigInteger.valueOf(random.nextInt(5_000)));
            BigInteger expected = closedFormula(end).subtract(closedFormula(start.subtract(BigInteger.ONE)));
            long parts = 1 + random.nextInt(40);
            assertEquals(ExactSum.toJson(expected), answer(start.toString(), end.toString(), parts), "seed " + seed);
        }
    }

    @Test
    void aSplitIsBalancedAndLeavesNothingOut() throws Exception {
        for (long size = 1; size <= 60; size++) {
            for (long parts = 1; parts <= 70; parts++) {
                Subtasks subtasks = sumOfSquares.split(params("-3", Long.toString(size - 4)), parts);
                assertEquals(Math.min(size, parts), subtasks.count());
                long next = -3;
                long smallest = Long.MAX_VALUE;
                long largest = 0;
                for (long index = 0; index < subtasks.count(); index++) {
                    JsonNode payload = subtasks.payload(index);
                    assertEquals(next, payload.get("start").longValue());
                    long partSize = payload.get("end").longValue() - next + 1;
                    smallest = Math.min(smallest, partSize);
                    largest = Math.max(largest, partSize);
                    next += partSize;
                }
                assertEquals(size - 3, next);
                assertTrue(largest - smallest <= 1 && smallest >= 1, size + " in " + parts + " parts");
            }
        }
    }

    /** Around the size from which on parts are no longer found with 64-bit numbers. */
    @Test
    void largeRangesAreSplitWithoutOverflow() throws Exception {
        for (int bits = 59; bits <= 66; bits++) {
            BigInteger most = BigInteger.ONE.shiftLeft(bits);
            for (BigInteger end : List.of(most.subtract(BigInteger.ONE), most)) {
                for (long parts : new long[] {1, 3, 1_000_003}) {
                    Subtasks subtasks = sumOfSquares.split(params(most.negate().toString(), end.toString()), parts);
                    assertEquals(most.negate(), subtasks.payload(0).get("start").bigIntegerValue());
                    assertEquals(end, subtasks.payload(parts - 1).get("end").bigIntegerValue());
                    for (long index = Math.max(1, parts - 3); index < parts; index++) {
                        BigInteger before =
                                subtasks.payload(index - 1).get("end").bigIntegerValue();
                        assertEquals(
                                before.add(BigInteger.ONE),
                                subtasks.payload(index).get("start").bigIntegerValue());
                    }
                }
            }
        }
    }

    @Test
    void aBillionPartsCostNothing() throws Exception {
        Subtasks subtasks = sumOfSquares.split(params("1", "1000000000"), 1_000_000_000L);
        assertEquals(1_000_000_000L, subtasks.count());
        assertEquals(
                "{\"start\":1000000000,\"end\":1000000000}",
                subtasks.payload(999_999_999).toString());
    }

    @Test
    void aSplitHasTenSubtasksByDefault() throws Exception {
        assertEquals(10, sumOfSquares.split(params("1", "1000"), null).count());
        assertEquals(3, sumOfSquares.split(params("1", "3"), null).count());
    }

    @Test
    void stopsWhenNobodyWantsItsResultAnyMore() {
        int[] checks = new int[1];
        TaskContext cancelled = new TaskContext() {
            @Override
            public long index() {
                return 0;
            }

            @Override
            public void checkCancelled() throws InterruptedException {
                if (++checks[0] == 3) {
                    throw new InterruptedException("cancelled");
                }
            }
        };
        // Both would take years to their end.
        assertThrows(
                InterruptedException.class, () -> sumOfSquares.process(params("1", "1000000000000000"), cancelled));
        assertEquals(3, checks[0]);
        checks[0] = 0;
        assertThrows(
                InterruptedException.class, () -> sumOfSquares.process(params("1", "1" + "0".repeat(40)), cancelled));
        assertEquals(3, checks[0]);
    }

    @Test
    void paramsThatMakeNoSenseAreRefusedByName() {
        assertEquals("params.start: expected a whole number, got nothing", complaint("{\"end\":3}"));
        assertEquals("params.end: expected a whole number, got \"3\"", complaint("{\"start\":1,\"end\":\"3\"}"));
        assertEquals("params.end: expected a whole number, got 3.0", complaint("{\"start\":1,\"end\":3.0}"));
        assertEquals("params.end: expected a whole number, got null", complaint("{\"start\":1,\"end\":null}"));
        assertEquals(
                "params.step: unknown; expected only start and end", complaint("{\"start\":1,\"end\":3,\"step\":2}"));
        assertEquals(
                "params.end: expected at least start, which is 4, got 3; both ends are included",
                complaint("{\"start\":4,\"end\":3}"));
    }

    @Test
    void aPayloadThatIsNoObjectIsRefused() {
        InvalidParamsException refused = assertThrows(
                InvalidParamsException.class, () -> sumOfSquares.process(LongNode.valueOf(3), UNDISTURBED));
        assertEquals("expected a payload of the form {\"start\":1,\"end\":10}, got 3", refused.getMessage());
    }

    private String complaint(String params) {
        InvalidParamsException refused = assertThrows(
                InvalidParamsException.class,
                () -> sumOfSquares.split((ObjectNode) new ObjectMapper().readTree(params), 3L));
        return String.valueOf(refused.getMessage());
    }

    /** What comes out when all parts are processed and combined. */
    private JsonNode answer(String start, String end, long parts) throws Exception {
        return combined(sumOfSquares.combiner(params(start, end)), sumOfSquares.split(params(start, end), parts));
    }

    private <A> JsonNode combined(Combiner<A> combiner, Subtasks subtasks) throws Exception {
        A sum = combiner.empty();
        for (long index = 0; index < subtasks.count(); index++) {
            sum = combiner.add(sum, sumOfSquares.process(subtasks.payload(index), UNDISTURBED));
        }
        return combiner.finish(sum);
    }

    private static ObjectNode params(String start, String end) {
        return JsonNodeFactory.instance
                .objectNode()
                .<ObjectNode>set("start", ExactSum.toJson(new BigInteger(start)))
                .set("end", ExactSum.toJson(new BigInteger(end)));
    }

    /** The sum of the squares of 0 to n; for negative n, minus that of n + 1 to 0. */
    private static BigInteger closedFormula(BigInteger n) {
        return n.multiply(n.add(BigInteger.ONE))
                .multiply(n.add(n).add(BigInteger.ONE))
                .divide(BigInteger.valueOf(6));
    }
}
