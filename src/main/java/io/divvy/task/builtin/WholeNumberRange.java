package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.ExactSum;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import java.math.BigInteger;
import java.util.Iterator;

/**
 * The whole numbers from {@code start} to {@code end}, both included, of any size: the params of several task types, and
 * their payloads too.
 */
record WholeNumberRange(BigInteger start, BigInteger end) {

    static WholeNumberRange read(ObjectNode params) throws InvalidParamsException {
        for (Iterator<String> names = params.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!name.equals("start") && !name.equals("end")) {
                throw new InvalidParamsException("params." + name + ": unknown; expected only start and end");
            }
        }
        WholeNumberRange range = new WholeNumberRange(number(params, "start"), number(params, "end"));
        if (range.end.compareTo(range.start) < 0) {
            throw new InvalidParamsException("params.end: expected at least start, which is " + range.start + ", got "
                    + range.end + "; both ends are included");
        }
        return range;
    }

    WholeNumberRange requireDigits(int most) throws InvalidParamsException {
        requireDigits("start", start, most);
        requireDigits("end", end, most);
        return this;
    }

    private static void requireDigits(String name, BigInteger value, int most) throws InvalidParamsException {
        if (value.abs().compareTo(BigInteger.TEN.pow(most)) >= 0) {
            throw new InvalidParamsException("params." + name + ": expected a whole number of at most " + most
                    + " digits, got one of " + value.abs().toString().length());
        }
    }

    private static BigInteger number(ObjectNode params, String name) throws InvalidParamsException {
        JsonNode value = params.get(name);
        if (value == null || !value.isIntegralNumber()) {
            throw new InvalidParamsException(
                    "params." + name + ": expected a whole number, got " + (value == null ? "nothing" : value));
        }
        return value.bigIntegerValue();
    }

    private BigInteger size() {
        return end.subtract(start).add(BigInteger.ONE);
    }

    /** Cuts it into parts whose sizes differ by at most one, the larger ones first; never more parts than numbers. */
    Subtasks split(long parts) {
        BigInteger size = size();
        long count = size.min(BigInteger.valueOf(parts)).longValueExact();
        BigInteger[] quotientAndRest = size.divideAndRemainder(BigInteger.valueOf(count));
        BigInteger partSize = quotientAndRest[0];
        long largerParts = quotientAndRest[1].longValueExact();
        return new Subtasks() {
            @Override
            public long count() {
                return count;
            }

            @Override
            public JsonNode payload(long index) {
                BigInteger from = start.add(partSize.multiply(BigInteger.valueOf(index)))
                        .add(BigInteger.valueOf(Math.min(index, largerParts)));
                BigInteger to = from.add(partSize).subtract(index < largerParts ? BigInteger.ZERO : BigInteger.ONE);
                return JsonNodeFactory.instance
                        .objectNode()
                        .<ObjectNode>set("start", ExactSum.toJson(from))
                        .set("end", ExactSum.toJson(to));
            }
        };
    }
}
