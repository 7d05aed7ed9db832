package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.LongNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Every way to combine, on whole tasks: results in, the answer out. */
class CombinersTest {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    @Test
    void sumAddsNumbersOfAnySize() {
        assertAnswer("6", Combiners.sum(), "1", "2", "3");
        assertAnswer("0", Combiners.sum());
        assertAnswer("6.5", Combiners.sum(), "1", "2.5", "3");
        assertAnswer("2.0", Combiners.sum(), "2.0");
        assertAnswer("27670116110564327421", Combiners.sum(), max(), max(), max());
        assertTakesNumbersOnly(Combiners.sum());
    }

    @Test
    void wholeNumberSumTakesWholeNumbersOnly() {
        assertAnswer("27670116110564327421", Combiners.wholeNumberSum(), max(), max(), max());
        assertAnswer("-1", Combiners.wholeNumberSum(), "-9223372036854775808", max());
        assertNotNull(Combiners.wholeNumberSum().complaint(json("1.5")));
        assertNotNull(Combiners.wholeNumberSum().complaint(json("\"1\"")));
        assertNull(Combiners.wholeNumberSum().complaint(json("1" + "0".repeat(50))));
    }

    @Test
    void minAndMaxAreTheSmallestAndLargestNumber() {
        assertAnswer("-3", Combiners.min(), "4", "-3", "7.5");
        assertAnswer("7.5", Combiners.max(), "4", "-3", "7.5");
        assertAnswer("null", Combiners.min());
        assertAnswer("null", Combiners.max());
        // Among equal ones that of the lowest index.
        assertAnswer("1.0", Combiners.min(), "1.0", "1", "2");
        assertAnswer("2", Combiners.max(), "1", "2", "2.0");
        // Exact where doubles are not.
        assertAnswer("9007199254740993", Combiners.max(), "9007199254740992", "9007199254740993", "9007199254740992.0");
        assertAnswer("1" + "0".repeat(30), Combiners.max(), max(), "1" + "0".repeat(30));
        assertTakesNumbersOnly(Combiners.min());
        assertTakesNumbersOnly(Combiners.max());
    }

    @Test
    void countIsTheNumberOfResults() {
        assertAnswer("3", Combiners.count(), "null", "{}", "1");
        assertAnswer("0", Combiners.count());
        assertNull(Combiners.count().complaint(json("null")));
    }

    @Test
    void firstAndAnyAreAResultThatIsNotNull() {
        assertAnswer("2", Combiners.first(), "null", "2", "3");
        assertAnswer("null", Combiners.first(), "null", "null");
        assertAnswer("null", Combiners.any());
        assertAnswer("{\"found\":1}", Combiners.any(), "null", "{\"found\":1}");
    }

    @Test
    void aSumNeverBecomesInfinite() {
        String tooLarge = "1e999999999";
        assertNotNull(Combiners.sum().complaint(json(tooLarge)));
        assertNotNull(Combiners.mergeCounts().complaint(json("{\"a\":" + tooLarge + "}")));
        Combiner<Combiners.NumberSum> sum = Combiners.sum();
        Combiners.NumberSum twice = sum.add(sum.add(sum.empty(), json("1.7e308")), json("1.7e308"));
        assertThrows(ArithmeticException.class, () -> sum.finish(twice));
    }

    @Test
    void noneIsNull() {
        assertAnswer("null", Combiners.none(), "1", "2");
        assertNull(Combiners.none().complaint(json("{}")));
    }

    @Test
    void collectMakesAnArrayOfTheResults() {
        assertAnswer("[1,\"two\",null,[4]]", Combiners.collect(), "1", "\"two\"", "null", "[4]");
        assertAnswer("[]", Combiners.collect());
        assertNull(Combiners.collect().complaint(json("null")));
    }

    @Test
    void aFailedSubtaskIsNullWhereResultsAreCollectedAndNothingElsewhere() {
        assertEquals("[1,null,3]", answerWithFailure(Combiners.collect()));
        assertEquals("4", answerWithFailure(Combiners.sum()));
        assertEquals("4", answerWithFailure(Combiners.wholeNumberSum()));
        assertEquals("1", answerWithFailure(Combiners.min()));
        assertEquals("2", answerWithFailure(Combiners.count()));
    }

    private static <A> String answerWithFailure(Combiner<A> combiner) {
        A all = combiner.add(combiner.empty(), json("1"));
        all = combiner.addFailed(all);
        return combiner.finish(combiner.add(all, json("3"))).toString();
    }

    @Test
    void concatJoinsTextsOrArrays() {
        assertAnswer("\"abc\"", Combiners.concat(), "\"a\"", "\"\"", "\"bc\"");
        assertAnswer("[1,2,3]", Combiners.concat(), "[1]", "[]", "[2,3]");
        assertAnswer("\"\"", Combiners.concat());
        assertAnswer("[]", Combiners.concat(), "[]");
        assertNotNull(Combiners.concat().complaint(json("1")));
        assertNotNull(Combiners.concat().complaint(json("null")));
    }

    @Test
    void concatOfBothKindsIsRefusedWhereverTheyMeet() {
        var concat = Combiners.concat();
        assertThrows(IllegalArgumentException.class, () -> folded(concat, List.of(json("\"a\""), json("[1]")), 2));
        assertThrows(IllegalArgumentException.class, () -> folded(concat, List.of(json("[1]"), json("\"a\"")), 2));
        IllegalArgumentException mixed = assertThrows(
                IllegalArgumentException.class, () -> folded(concat, List.of(json("[]"), json("\"\"")), 1));
        assertEquals(
                "combine \"concat\" got both strings and arrays; expected results of one kind", mixed.getMessage());
    }

    @Test
    void mergeCountsAddsUpByKey() {
        assertAnswer(
                "{\"a\":4,\"b\":2,\"c\":1.5}",
                Combiners.mergeCounts(),
                "{\"a\":1,\"b\":2}",
                "{}",
                "{\"a\":3,\"c\":1.5}");
        assertAnswer("{}", Combiners.mergeCounts());
        assertAnswer(
                "{\"a\":18446744073709551614}",
                Combiners.mergeCounts(),
                "{\"a\":" + max() + "}",
                "{\"a\":" + max() + "}");
        assertNotNull(Combiners.mergeCounts().complaint(json("{\"a\":\"1\"}")));
        assertNotNull(Combiners.mergeCounts().complaint(json("[1]")));
        assertNull(Combiners.mergeCounts().complaint(json("{}")));
    }

    @Test
    void aWholeNumberIsTheSameWithAndWithoutItsObject() {
        for (Supplier<Combiner<?>> mode : MODES_OF_NUMBERS) {
            assertSameForLongs(mode.get());
        }
    }

    private static <A> void assertSameForLongs(Combiner<A> combiner) {
        A objects = combiner.empty();
        A longs = combiner.empty();
        for (long value : new long[] {3, -7, Long.MAX_VALUE, 12, Long.MAX_VALUE}) {
            objects = combiner.add(objects, LongNode.valueOf(value));
            longs = combiner.add(longs, value);
        }
        assertEquals(combiner.finish(objects), combiner.finish(longs));
    }

    private static final List<Supplier<Combiner<?>>> MODES_OF_NUMBERS = List.of(
            Combiners::sum,
            Combiners::wholeNumberSum,
            Combiners::min,
            Combiners::max,
            Combiners::count,
            Combiners::none,
            Combiners::collect);

    @Test
    void anExactCombinerGivesTheSameInAnyOrderAndGrouping() {
        for (Supplier<Combiner<?>> mode : MODES_OF_NUMBERS) {
            if (mode.get().isExact()) {
                assertAnyOrder(mode.get());
            }
        }
        assertTrue(Combiners.wholeNumberSum().isExact());
        assertTrue(Combiners.count().isExact());
        assertTrue(Combiners.none().isExact());
    }

    private static void assertAnyOrder(Combiner<?> combiner) {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<JsonNode> results = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                results.add(ExactSum.toJson(new BigInteger(random.nextInt(90), random)));
            }
            JsonNode expected = folded(combiner, results, results.size());
            Collections.shuffle(results, random);
            assertEquals(expected, folded(combiner, results, 1 + random.nextInt(10)), "seed " + seed);
        }
    }

    @Test
    void chunksOfTheSameSizeGiveTheSameBitsEvenForFractions() {
        List<JsonNode> results = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            results.add(json(Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(12)))));
        }
        assertEquals(folded(Combiners.sum(), results, 64), folded(Combiners.sum(), results, 64));
    }

    private static void assertTakesNumbersOnly(Combiner<?> combiner) {
        assertNull(combiner.complaint(json("1")));
        assertNull(combiner.complaint(json("1.5")));
        assertEquals("expected a number", combiner.complaint(json("\"1\"")));
        assertEquals("expected a number", combiner.complaint(json("null")));
    }

    /** Whatever the chunks are, as long as they are folded left to right and merged left to right. */
    private static void assertAnswer(String expected, Combiner<?> combiner, String... results) {
        List<JsonNode> nodes = new ArrayList<>();
        for (String result : results) {
            assertNull(combiner.complaint(json(result)), result);
            nodes.add(json(result));
        }
        for (int chunkSize = 1; chunkSize <= results.length + 1; chunkSize++) {
            assertEquals(expected, folded(combiner, nodes, chunkSize).toString(), "chunks of " + chunkSize);
        }
    }

    private static <A> JsonNode folded(Combiner<A> combiner, List<JsonNode> results, int chunkSize) {
        A answer = combiner.empty();
        for (int from = 0; from < results.size(); from += chunkSize) {
            A chunk = combiner.empty();
            for (JsonNode result : results.subList(from, Math.min(results.size(), from + chunkSize))) {
                chunk = combiner.add(chunk, result);
            }
            answer = combiner.merge(answer, chunk);
        }
        return combiner.finish(answer);
    }

    private static String max() {
        return Long.toString(Long.MAX_VALUE);
    }

    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
