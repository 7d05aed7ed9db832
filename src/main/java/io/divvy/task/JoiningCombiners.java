package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.divvy.task.Combiners.Concatenation;
import org.jspecify.annotations.Nullable;

/** Combiners that put the results one behind the other. */
final class JoiningCombiners {
    private JoiningCombiners() {}

    static final class Collect extends OrderedCombiner<ArrayNode> {
        @Override
        public ArrayNode empty() {
            return JsonNodeFactory.instance.arrayNode();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return null;
        }

        @Override
        public ArrayNode add(ArrayNode all, JsonNode result) {
            return all.add(result);
        }

        @Override
        public ArrayNode addFailed(ArrayNode all) {
            return all.addNull();
        }

        @Override
        public ArrayNode merge(ArrayNode left, ArrayNode right) {
            return left.addAll(right);
        }

        @Override
        public JsonNode finish(ArrayNode all) {
            return all;
        }
    }

    static final class Concat extends OrderedCombiner<Concatenation> {
        @Override
        public Concatenation empty() {
            return new Concatenation();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return result.isTextual() || result.isArray() ? null : "expected a string or an array";
        }

        @Override
        public Concatenation add(Concatenation all, JsonNode result) {
            return all.add(result);
        }

        @Override
        public Concatenation merge(Concatenation left, Concatenation right) {
            return left.add(right);
        }

        @Override
        public JsonNode finish(Concatenation all) {
            return all.toJson();
        }
    }
}
