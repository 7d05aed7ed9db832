package io.divvy.task.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.Combiner;
import io.divvy.task.JsonText;
import io.divvy.task.Subject;
import io.divvy.task.Subtasks;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MonteCarloPiTest {
    private final MonteCarloPi type = new MonteCarloPi();
    private final Subject pi = new Subject(type);

    /** The JDK's SplittableRandom is SplitMix64 as well; the points are counted with whole numbers of any size. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1234567})
    void hitsAreThoseOfTheDocumentedStream(long seed) throws Exception {
        int samples = 10_007;
        SplittableRandom stream = new SplittableRandom(seed);
        BigInteger radius = BigInteger.ONE.shiftLeft(32);
        long hits = 0;
        for (int i = 0; i < samples; i++) {
            BigInteger word = new BigInteger(Long.toUnsignedString(stream.nextLong()));
            BigInteger x = word.shiftRight(32);
            BigInteger y = word.mod(radius);
            hits += x.multiply(x).add(y.multiply(y)).compareTo(radius.multiply(radius)) < 0 ? 1 : 0;
        }
        JsonNode answer = pi.answer("{\"samples\":%d,\"seed\":%d}".formatted(samples, seed), 13L);
        assertEquals(hits, answer.get("hits").longValue());
        assertEquals(samples, answer.get("samples").longValue());
        assertEquals(4.0 * hits / samples, answer.get("pi").doubleValue());
    }

    /** The hits are those of a SplitMix64 in another language. */
    @Test
    void theAnswerIsTheSameHoweverManySubtasksThereAre() throws Exception {
        JsonNode answer = pi.answer("{\"samples\":1000000,\"seed\":42}", 1L);
        assertEquals("{\"pi\":3.141608,\"hits\":785402,\"samples\":1000000}", answer.toString());
        for (long subtasks : new long[] {2, 3, 100, 99_999}) {
            assertEquals(answer, pi.answer("{\"samples\":1000000,\"seed\":42}", subtasks));
        }
    }

    @Test
    void theAnswerComesCloseToPi() throws Exception {
        // The standard error of 100 million samples is 0.00016.
        assertEquals(
                Math.PI,
                pi.answer("{\"samples\":100000000,\"seed\":7}", 10L).get("pi").doubleValue(),
                0.0005);
    }

    @Test
    void samplesAreDividedEvenly() throws Exception {
        Subtasks subtasks = type.split(JsonText.object("{\"samples\":10,\"seed\":1}"), 4L);
        assertEquals("{\"samples\":3,\"seed\":1}", subtasks.payload(0).toString());
        assertEquals(3, subtasks.payload(1).get("samples").longValue());
        assertEquals(2, subtasks.payload(2).get("samples").longValue());
        assertEquals(2, subtasks.payload(3).get("samples").longValue());
        assertEquals(
                100,
                type.split(JsonText.object("{\"samples\":1000,\"seed\":1}"), null)
                        .count());
        assertEquals(
                5, type.split(JsonText.object("{\"samples\":5,\"seed\":1}"), 9L).count());
    }

    @Test
    void samplesThatWereNeverDrawnDoNotCount() throws Exception {
        var params = JsonText.object("{\"samples\":10,\"seed\":1}");
        assertEquals(
                "{\"pi\":4.0,\"hits\":7,\"samples\":7}",
                withoutTheFirst(type.combiner(params), type.split(params, 4L)));
    }

    private static <A> String withoutTheFirst(Combiner<A> combiner, Subtasks subtasks) {
        A tally = combiner.addFailed(combiner.empty(), subtasks.payload(0));
        return combiner.finish(combiner.add(tally, 7)).toString();
    }

    @Test
    void hitsThatCannotBeAreNoResult() throws Exception {
        Combiner<?> combiner = type.combiner(JsonText.object("{\"samples\":10,\"seed\":1}"));
        assertNull(combiner.complaint(JsonText.object("{\"hits\":10}").get("hits")));
        assertEquals(
                "expected the number of hits, from 0 to 10",
                combiner.complaint(JsonText.object("{\"hits\":11}").get("hits")));
        assertEquals(
                "expected the number of hits, from 0 to 10",
                combiner.complaint(JsonText.object("{\"hits\":1.5}").get("hits")));
    }

    @Test
    void paramsThatMakeNoSenseAreRefusedByName() {
        assertEquals(
                "params.samples: expected a whole number from 1 to 1000000000000000, got 0",
                pi.complaint("{\"samples\":0,\"seed\":1}"));
        assertEquals(
                "params.seed: expected a whole number from -9223372036854775808 to 9223372036854775807, got nothing",
                pi.complaint("{\"samples\":1}"));
        assertEquals(
                "params.sead: unknown; expected only samples and seed", pi.complaint("{\"samples\":1,\"sead\":1}"));
    }
}
