package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.EvenParts;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Pi, from how many of {@code samples} random points of a square lie in the quarter of a circle.
 *
 * <p>The points come from one stream of SplitMix64 that begins at {@code seed}, one word for each. Its n-th word is a function
 * of the seed and n, so each subtask begins right at its own part of the stream: the answer has the same bits however many
 * subtasks and workers there are.
 */
public final class MonteCarloPi implements TaskType {
    private static final long DEFAULT_SUBTASKS = 100;
    /** Four times as many are still exact as a double. */
    private static final long MAX_SAMPLES = 1_000_000_000_000_000L;
    /** Samples that are drawn before anybody is asked whether to go on. */
    private static final long STRETCH = 1 << 18;
    /** What SplitMix64 adds to its state for each word: 2^64 divided by the golden ratio, made odd. */
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private static final long LOW_HALF = 0xffffffffL;

    @Override
    public String name() {
        return "monte_carlo_pi";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        Draw all = Draw.read(Params.of(params));
        EvenParts parts = EvenParts.of(all.samples, subtasks == null ? DEFAULT_SUBTASKS : subtasks);
        return new Subtasks() {
            @Override
            public long count() {
                return parts.count();
            }

            @Override
            public JsonNode payload(long index) {
                return new Draw(parts.size(index), all.seed + parts.start(index) * GOLDEN_GAMMA).toJson();
            }
        };
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InvalidParamsException, InterruptedException {
        Draw draw = Draw.read(Params.ofPayload(payload, "{\"samples\":1000,\"seed\":7}"));
        long hits = 0;
        for (long done = 0; done < draw.samples; done += STRETCH) {
            hits += hits(draw.seed + done * GOLDEN_GAMMA, (int) Math.min(STRETCH, draw.samples - done));
            context.checkCancelled();
        }
        return LongNode.valueOf(hits);
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) throws InvalidParamsException {
        return new PiCombiner(Draw.read(Params.of(params)).samples);
    }

    @Override
    public ObjectNode paramsSchema() {
        return JsonText.object(String.format(Locale.ROOT, """
                {
                  "type": "object",
                  "properties": {
                    "samples": {"type": "integer", "minimum": 1, "maximum": %d, "description": "how many points"},
                    "seed": {
                      "type": "integer", "minimum": %d, "maximum": %d,
                      "description": "where the stream of random numbers begins"
                    }
                  },
                  "required": ["samples", "seed"],
                  "additionalProperties": false
                }
                """, MAX_SAMPLES, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return List.of(JsonText.object("{\"samples\":1000000,\"seed\":42}"));
    }

    /** A word's halves are x and y, as fractions of 2^32; a hit has {@code x² + y² < 2^64}, so a sum without a carry. */
    private static long hits(long seed, int samples) {
        long state = seed;
        long misses = 0;
        for (int i = 0; i < samples; i++) {
            state += GOLDEN_GAMMA;
            long word = mix(state);
            long x = word >>> 32;
            long y = word & LOW_HALF;
            long xx = x * x;
            long yy = y * y;
            misses += (xx & yy | (xx | yy) & ~(xx + yy)) >>> 63; // The carry of xx + yy.
        }
        return samples - misses;
    }

    /** The output function of SplitMix64. */
    private static long mix(long state) {
        long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /**
     * Some points of the stream.
     *
     * @param seed the state of SplitMix64 before the first of them
     */
    private record Draw(long samples, long seed) {
        static Draw read(Params params) throws InvalidParamsException {
            params.requireOnly("samples", "seed");
            return new Draw(
                    params.wholeNumber("samples", 1, MAX_SAMPLES),
                    params.wholeNumber("seed", Long.MIN_VALUE, Long.MAX_VALUE));
        }

        ObjectNode toJson() {
            return JsonNodeFactory.instance.objectNode().put("samples", samples).put("seed", seed);
        }
    }

    /** Points of finished subtasks, and of those that failed. */
    static final class Tally {
        private long hits;
        private long lostSamples;
    }

    private record PiCombiner(long samples) implements Combiner<Tally> {
        @Override
        public Tally empty() {
            return new Tally();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            boolean fits = result.isIntegralNumber()
                    && result.canConvertToLong()
                    && result.longValue() >= 0
                    && result.longValue() <= samples;
            return fits ? null : "expected the number of hits, from 0 to " + samples;
        }

        @Override
        public Tally add(Tally tally, JsonNode result) {
            return add(tally, result.longValue());
        }

        @Override
        public Tally add(Tally tally, long result) {
            tally.hits += result;
            return tally;
        }

        @Override
        public Tally addFailed(Tally tally, JsonNode payload) {
            tally.lostSamples += payload.path("samples").longValue();
            return tally;
        }

        @Override
        public JsonNode toFolded(Tally tally) {
            return LongNode.valueOf(tally.hits);
        }

        @Override
        public JsonNode toStored(Tally tally) {
            return JsonNodeFactory.instance.objectNode().put("hits", tally.hits).put("lost_samples", tally.lostSamples);
        }

        @Override
        public Tally fromStored(JsonNode stored) {
            Tally tally = new Tally();
            tally.hits = stored.path("hits").longValue();
            tally.lostSamples = stored.path("lost_samples").longValue();
            return tally;
        }

        @Override
        public Tally merge(Tally left, Tally right) {
            left.hits += right.hits;
            left.lostSamples += right.lostSamples;
            return left;
        }

        @Override
        public JsonNode finish(Tally tally) {
            long drawn = samples - tally.lostSamples;
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("pi", 4.0 * tally.hits / drawn)
                    .put("hits", tally.hits)
                    .put("samples", drawn);
        }

        @Override
        public boolean isExact() {
            return true;
        }
    }
}
