package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiners.NumberSum;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Combiners that add up: the results, or how many there are. */
final class AddingCombiners {
    private AddingCombiners() {}

    static final class WholeNumberSum implements Combiner<ExactSum> {
        @Override
        public ExactSum empty() {
            return new ExactSum();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return result.isIntegralNumber() ? null : "expected a whole number";
        }

        @Override
        public @Nullable String complaint(long result) {
            return null;
        }

        @Override
        public ExactSum add(ExactSum sum, JsonNode result) {
            return sum.add(result.bigIntegerValue());
        }

        @Override
        public ExactSum add(ExactSum sum, long result) {
            return sum.add(result);
        }

        @Override
        public ExactSum merge(ExactSum left, ExactSum right) {
            return left.add(right);
        }

        @Override
        public JsonNode finish(ExactSum sum) {
            return sum.toJson();
        }

        @Override
        public boolean isExact() {
            return true;
        }
    }

    static final class Sum extends OrderedCombiner<NumberSum> {
        @Override
        public NumberSum empty() {
            return new NumberSum();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return NumberSum.complaint(result);
        }

        @Override
        public NumberSum add(NumberSum sum, JsonNode result) {
            return sum.add(result);
        }

        @Override
        public NumberSum merge(NumberSum left, NumberSum right) {
            return left.add(right);
        }

        @Override
        public JsonNode finish(NumberSum sum) {
            return sum.toJson();
        }

        @Override
        public JsonNode toStored(NumberSum sum) {
            return sum.toStored();
        }

        @Override
        public NumberSum fromStored(JsonNode stored) {
            return NumberSum.fromStored(stored);
        }

        @Override
        public boolean keepsResults() {
            return false;
        }
    }

    static final class Count implements Combiner<Long> {
        @Override
        public Long empty() {
            return 0L;
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return null;
        }

        @Override
        public Long add(Long count, JsonNode result) {
            return count + 1;
        }

        @Override
        public @Nullable String complaintAboutFolded(JsonNode folded) {
            return folded.isIntegralNumber() && folded.canConvertToLong() ? null : "expected a whole number";
        }

        @Override
        public Long addFolded(Long count, JsonNode folded) {
            return count + folded.longValue();
        }

        @Override
        public Long merge(Long left, Long right) {
            return left + right;
        }

        @Override
        public JsonNode finish(Long count) {
            return LongNode.valueOf(count);
        }

        @Override
        public boolean isExact() {
            return true;
        }
    }

    static final class MergeCounts extends OrderedCombiner<Map<String, NumberSum>> {
        @Override
        public Map<String, NumberSum> empty() {
            return new LinkedHashMap<>();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            boolean fits = result.isObject();
            for (JsonNode count : result) {
                fits &= NumberSum.complaint(count) == null;
            }
            return fits ? null : "expected an object of numbers";
        }

        @Override
        public Map<String, NumberSum> add(Map<String, NumberSum> counts, JsonNode result) {
            result.properties()
                    .forEach(count -> counts.computeIfAbsent(count.getKey(), name -> new NumberSum())
                            .add(count.getValue()));
            return counts;
        }

        @Override
        public Map<String, NumberSum> merge(Map<String, NumberSum> left, Map<String, NumberSum> right) {
            right.forEach((name, sum) ->
                    left.computeIfAbsent(name, n -> new NumberSum()).add(sum));
            return left;
        }

        @Override
        public JsonNode finish(Map<String, NumberSum> counts) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            counts.forEach((name, sum) -> object.set(name, sum.toJson()));
            return object;
        }
    }
}
