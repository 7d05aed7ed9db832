package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.ExactSum;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the squares of all whole numbers from {@code start} to {@code end}, both included: the classic example. Exact
 * however large the numbers are, and added up term by term: the point is the work, not the formula.
 */
public final class SumOfSquares implements TaskType {
    /** Of either end: the squares, and their sum, stay below the 1,000 digits that a number may have anywhere. */
    private static final int MAX_DIGITS = 490;

    @Override
    public String name() {
        return "sum_of_squares";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        return WholeNumberRange.read(params).requireDigits(MAX_DIGITS).split(subtasks);
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InvalidParamsException, InterruptedException {
        return sum(WholeNumberRange.readPayload(payload), context);
    }

    @Override
    public RangeFolder rangeFolder() {
        return (parts, from, to, context) -> sum(WholeNumberRange.of(parts, from, to), context);
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return Combiners.wholeNumberSum();
    }

    @Override
    public ObjectNode paramsSchema() {
        return WholeNumberRange.schema("");
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return List.of(
                JsonText.object("{\"start\":1,\"end\":1000000}"), JsonText.object("{\"start\":-1000,\"end\":1000}"));
    }

    private static JsonNode sum(WholeNumberRange range, TaskContext context) throws InterruptedException {
        BigInteger start = range.start();
        BigInteger end = range.end();
        int bits = Math.max(start.bitLength(), end.bitLength());
        return ExactSum.toJson(
                bits <= Squares.MAX_BITS
                        ? Squares.sum(start.longValue(), end.longValue(), bits, context)
                        : sumOfLarge(start, end, context));
    }

    private static BigInteger sumOfLarge(BigInteger start, BigInteger end, TaskContext context)
            throws InterruptedException {
        BigInteger sum = BigInteger.ZERO;
        for (BigInteger term = start; term.compareTo(end) <= 0; term = term.add(BigInteger.ONE)) {
            sum = sum.add(term.multiply(term));
            context.checkCancelled();
        }
        return sum;
    }
}
