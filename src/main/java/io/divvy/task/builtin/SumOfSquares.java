package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.ExactSum;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the squares of all whole numbers from {@code start} to {@code end}, both included: the classic example. Exact
 * however large the numbers are, and added up term by term: the point is the work, not the formula.
 */
public final class SumOfSquares implements TaskType {
    private static final long DEFAULT_SUBTASKS = 10;
    /** Of either end: the squares, and their sum, stay below the 1,000 digits that a number may have anywhere. */
    private static final int MAX_DIGITS = 490;
    /** Terms that are added before anybody is asked whether to go on. */
    private static final long STRETCH = 1 << 16;
    /** Of a term whose squares can be added in 128 bits. */
    private static final int MAX_FAST_BITS = 55;

    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(Long.SIZE);

    @Override
    public String name() {
        return "sum_of_squares";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        return WholeNumberRange.read(params)
                .requireDigits(MAX_DIGITS)
                .split(subtasks == null ? DEFAULT_SUBTASKS : subtasks);
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InvalidParamsException, InterruptedException {
        if (!(payload instanceof ObjectNode object)) {
            throw new InvalidParamsException("expected a payload of the form {\"start\":1,\"end\":10}, got " + payload);
        }
        WholeNumberRange range = WholeNumberRange.read(object);
        return ExactSum.toJson(sum(range.start(), range.end(), context));
    }

    @Override
    public Combiner<?> combiner() {
        return Combiners.wholeNumberSum();
    }

    private static BigInteger sum(BigInteger start, BigInteger end, TaskContext context) throws InterruptedException {
        if (start.bitLength() <= MAX_FAST_BITS && end.bitLength() <= MAX_FAST_BITS) {
            return sum(start.longValue(), end.longValue(), context);
        }
        BigInteger sum = BigInteger.ZERO;
        for (BigInteger term = start; term.compareTo(end) <= 0; term = term.add(BigInteger.ONE)) {
            sum = sum.add(term.multiply(term));
            context.checkCancelled();
        }
        return sum;
    }

    private static BigInteger sum(long start, long end, TaskContext context) throws InterruptedException {
        BigInteger sum = BigInteger.ZERO;
        for (long from = start; from <= end; from += STRETCH) {
            sum = sum.add(sumOfStretch(from, Math.min(end, from + STRETCH - 1)));
            context.checkCancelled();
        }
        return sum;
    }

    /** Adds in 128 bits, as two {@code long}: 2^16 squares below 2^110 stay below 2^126. */
    private static BigInteger sumOfStretch(long from, long last) {
        long high = 0;
        long low = 0;
        for (long term = from; term <= last; term++) {
            long square = term * term;
            low += square;
            high += Math.multiplyHigh(term, term) + (Long.compareUnsigned(low, square) < 0 ? 1 : 0);
        }
        BigInteger unsignedLow = BigInteger.valueOf(low);
        if (low < 0) {
            unsignedLow = unsignedLow.add(TWO_TO_64);
        }
        return BigInteger.valueOf(high).shiftLeft(Long.SIZE).add(unsignedLow);
    }
}
