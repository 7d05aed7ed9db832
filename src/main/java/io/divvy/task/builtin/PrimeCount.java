package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many primes there are from {@code start} to {@code end}, both included. Below 2 there are none. */
public final class PrimeCount implements TaskType {
    private static final BigInteger MAX_END = BigInteger.valueOf(PrimeSieve.MAX);

    @Override
    public String name() {
        return "prime_count";
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        WholeNumberRange range = WholeNumberRange.read(params);
        requireSievable(range);
        return range.split(subtasks);
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InvalidParamsException, InterruptedException {
        WholeNumberRange range = WholeNumberRange.readPayload(payload);
        requireSievable(range);
        return count(range, context);
    }

    @Override
    public RangeFolder rangeFolder() {
        return (parts, from, to, context) -> count(WholeNumberRange.of(parts, from, to), context);
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return Combiners.wholeNumberSum();
    }

    @Override
    public ObjectNode paramsSchema() {
        return WholeNumberRange.schema(", \"maximum\": " + PrimeSieve.MAX);
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return List.of(
                JsonText.object("{\"start\":1,\"end\":1000000}"),
                JsonText.object("{\"start\":1000000000000,\"end\":1000000100000}"));
    }

    private static void requireSievable(WholeNumberRange range) throws InvalidParamsException {
        if (range.end().compareTo(MAX_END) > 0) {
            throw new InvalidParamsException("params.end: expected at most " + MAX_END + ", got " + range.end()
                    + "; a sieve needs all primes up to the square root of it");
        }
    }

    private static JsonNode count(WholeNumberRange range, TaskContext context) throws InterruptedException {
        long last = range.end().max(BigInteger.ZERO).longValue();
        long first = range.start().max(BigInteger.ZERO).longValue();
        return LongNode.valueOf(PrimeSieve.count(first, last, context));
    }
}
