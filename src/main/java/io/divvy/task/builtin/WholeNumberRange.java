package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.ExactSum;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import io.divvy.task.Subtasks;
import java.math.BigInteger;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The whole numbers from {@code start} to {@code end}, both included, of any size: the params of several task types, and
 * their payloads too.
 */
record WholeNumberRange(BigInteger start, BigInteger end) {
    private static final long DEFAULT_PARTS = 10;
    /** Of both ends, so that the number of numbers between them also fits into a {@code long}. */
    private static final int MAX_SMALL_BITS = 61;

    static WholeNumberRange read(ObjectNode params) throws InvalidParamsException {
        return read(Params.of(params));
    }

    static WholeNumberRange readPayload(JsonNode payload) throws InvalidParamsException {
        return read(Params.ofPayload(payload, "{\"start\":1,\"end\":10}"));
    }

    private static WholeNumberRange read(Params params) throws InvalidParamsException {
        params.requireOnly("start", "end");
        WholeNumberRange range = new WholeNumberRange(params.wholeNumber("start"), params.wholeNumber("end"));
        if (range.end.compareTo(range.start) < 0) {
            throw params.wrong(
                    "end",
                    "expected at least start, which is " + range.start + ", got " + range.end
                            + "; both ends are included");
        }
        return range;
    }

    WholeNumberRange requireDigits(int most) throws InvalidParamsException {
        requireDigits("start", start, most);
        requireDigits("end", end, most);
        return this;
    }

    private static void requireDigits(String name, BigInteger value, int most) throws InvalidParamsException {
        // A digit has more than three bits, so nearly all numbers need no power of ten to be let through.
        if (value.bitLength() > 3 * most && value.abs().compareTo(BigInteger.TEN.pow(most)) >= 0) {
            throw new InvalidParamsException("params." + name + ": expected a whole number of at most " + most
                    + " digits, got one of " + value.abs().toString().length());
        }
    }

    /** The numbers of the parts {@code from} to {@code to - 1}: parts that follow each other are one range. */
    static WholeNumberRange of(Subtasks parts, long from, long to) throws InvalidParamsException {
        return new WholeNumberRange(readPayload(parts.payload(from)).start, readPayload(parts.payload(to - 1)).end);
    }

    static ObjectNode schema(String endLimits) {
        return JsonText.object(String.format(Locale.ROOT, """
                {
                  "type": "object",
                  "properties": {
                    "start": {"type": "integer", "description": "the first number"},
                    "end": {"type": "integer", "description": "the last number, included; at least start"%s}
                  },
                  "required": ["start", "end"],
                  "additionalProperties": false
                }
                """, endLimits));
    }

    private BigInteger size() {
        return end.subtract(start).add(BigInteger.ONE);
    }

    /**
     * Cuts it into parts whose sizes differ by at most one, the larger ones first; never more parts than numbers.
     *
     * @param parts how many, or null for ten
     */
    Subtasks split(@Nullable Long parts) {
        BigInteger size = size();
        long count = size.min(BigInteger.valueOf(parts == null ? DEFAULT_PARTS : parts))
                .longValueExact();
        BigInteger[] quotientAndRest = size.divideAndRemainder(BigInteger.valueOf(count));
        BigInteger partSize = quotientAndRest[0];
        long largerParts = quotientAndRest[1].longValueExact();
        boolean isSmall = Math.max(start.bitLength(), end.bitLength()) <= MAX_SMALL_BITS;
        return new Subtasks() {
            @Override
            public long count() {
                return count;
            }

            @Override
            public JsonNode payload(long index) {
                if (isSmall) {
                    // Every term lies between 0 and the size of the range, which has less than 64 bits: nothing
                    // overflows.
                    long size = partSize.longValue();
                    long from = start.longValue() + size * index + Math.min(index, largerParts);
                    return payload(
                            LongNode.valueOf(from),
                            LongNode.valueOf(index < largerParts ? from + size : from + size - 1));
                }
                BigInteger from = start.add(partSize.multiply(BigInteger.valueOf(index)))
                        .add(BigInteger.valueOf(Math.min(index, largerParts)));
                BigInteger to = from.add(partSize).subtract(index < largerParts ? BigInteger.ZERO : BigInteger.ONE);
                return payload(ExactSum.toJson(from), ExactSum.toJson(to));
            }

            private static JsonNode payload(JsonNode from, JsonNode to) {
                return JsonNodeFactory.instance
                        .objectNode()
                        .<ObjectNode>set("start", from)
                        .set("end", to);
            }
        };
    }
}
