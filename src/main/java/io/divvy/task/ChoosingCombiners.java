package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import org.jspecify.annotations.Nullable;

/** Combiners whose answer is one of the results, or none of them. */
final class ChoosingCombiners {
    private ChoosingCombiners() {}

    static final class Extreme extends OrderedCombiner<JsonNode> {
        /** 1 for the largest, -1 for the smallest. */
        private final int sign;

        Extreme(int sign) {
            this.sign = sign;
        }

        @Override
        public JsonNode empty() {
            return NullNode.getInstance();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return result.isNumber() ? null : "expected a number";
        }

        @Override
        public JsonNode add(JsonNode best, JsonNode result) {
            boolean better = best.isNull() || sign * result.decimalValue().compareTo(best.decimalValue()) > 0;
            return better ? result : best;
        }

        @Override
        public JsonNode merge(JsonNode left, JsonNode right) {
            return right.isNull() ? left : add(left, right);
        }

        @Override
        public JsonNode finish(JsonNode best) {
            return best;
        }

        @Override
        public boolean keepsResults() {
            return false;
        }
    }

    static class FirstNonNull extends OrderedCombiner<JsonNode> {
        @Override
        public JsonNode empty() {
            return NullNode.getInstance();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return null;
        }

        @Override
        public JsonNode add(JsonNode first, JsonNode result) {
            return first.isNull() ? result : first;
        }

        @Override
        public JsonNode merge(JsonNode left, JsonNode right) {
            return add(left, right);
        }

        @Override
        public JsonNode finish(JsonNode first) {
            return first;
        }

        @Override
        public boolean keepsResults() {
            return false; // One of them.
        }
    }

    static final class Any extends FirstNonNull {
        @Override
        public boolean isExact() {
            // Not the same every time, whatever the order: nothing is gained by waiting for lower ones.
            return true;
        }
    }

    static final class None implements Combiner<JsonNode> {
        @Override
        public JsonNode empty() {
            return NullNode.getInstance();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return null;
        }

        @Override
        public JsonNode add(JsonNode nothing, JsonNode result) {
            return nothing;
        }

        @Override
        public JsonNode merge(JsonNode left, JsonNode right) {
            return left;
        }

        @Override
        public JsonNode finish(JsonNode nothing) {
            return nothing;
        }

        @Override
        public boolean isExact() {
            return true;
        }
    }
}
