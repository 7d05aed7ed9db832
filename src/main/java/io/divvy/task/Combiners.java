package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ways to combine that every task can ask for by name. */
public final class Combiners {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Combiners() {}

    /** The exact sum of whole numbers. */
    public static Combiner<ExactSum> wholeNumberSum() {
        return new Combiner<>() {
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
        };
    }

    /** The sum of numbers: exact while they are whole; others are added as doubles, in index order. */
    public static Combiner<NumberSum> sum() {
        return new Ordered<>() {
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
        };
    }

    /** The smallest number; among equal ones (1 and 1.0) that of the lowest index. Null of none. */
    public static Combiner<JsonNode> min() {
        return new Extreme(-1);
    }

    /** The largest number; among equal ones (1 and 1.0) that of the lowest index. Null of none. */
    public static Combiner<JsonNode> max() {
        return new Extreme(1);
    }

    /** How many subtasks succeeded. */
    public static Combiner<Long> count() {
        return new Combiner<>() {
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
        };
    }

    /** The result of the lowest index that is not null; null of none. */
    public static Combiner<JsonNode> first() {
        return new FirstNonNull();
    }

    /** Some result that is not null, the one that came first; null of none. */
    public static Combiner<JsonNode> any() {
        return new FirstNonNull() {
            @Override
            public boolean isExact() {
                // Not the same every time, whatever the order: nothing is gained by waiting for lower ones.
                return true;
            }
        };
    }

    /** Null: the results do not matter. */
    public static Combiner<JsonNode> none() {
        return new Combiner<>() {
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
        };
    }

    /** The results as an array in index order; null where a subtask failed. */
    public static Combiner<ArrayNode> collect() {
        return new Ordered<>() {
            @Override
            public ArrayNode empty() {
                return NODES.arrayNode();
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
        };
    }

    /** Strings, or arrays, one behind the other in index order; they cannot be mixed. An empty string of none. */
    public static Combiner<Concatenation> concat() {
        return new Ordered<>() {
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
        };
    }

    /** Objects of numbers, added up by name; names in the order in which they first came. */
    public static Combiner<Map<String, NumberSum>> mergeCounts() {
        return new Ordered<>() {
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
                ObjectNode object = NODES.objectNode();
                counts.forEach((name, sum) -> object.set(name, sum.toJson()));
                return object;
            }
        };
    }

    /** A combiner to which the order matters. */
    private abstract static class Ordered<A> implements Combiner<A> {
        @Override
        public boolean isExact() {
            return false;
        }
    }

    private static class FirstNonNull extends Ordered<JsonNode> {
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

    private static final class Extreme extends Ordered<JsonNode> {
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

    /** A sum of numbers: whole ones exactly, others as doubles. */
    public static final class NumberSum {
        private final ExactSum whole = new ExactSum();
        private double fractions;
        private boolean isWhole = true;

        /** What is wrong with a term, or null. One that no double can hold would make the sum infinite. */
        static @Nullable String complaint(JsonNode term) {
            if (!term.isNumber()) {
                return "expected a number";
            }
            boolean fits = term.isIntegralNumber() || Double.isFinite(term.doubleValue());
            return fits ? null : "expected a whole number or one that a double can hold";
        }

        NumberSum add(JsonNode number) {
            if (number.isIntegralNumber()) {
                whole.add(number.bigIntegerValue());
            } else {
                fractions += number.doubleValue();
                isWhole = false;
            }
            return this;
        }

        NumberSum add(NumberSum other) {
            whole.add(other.whole);
            fractions += other.fractions;
            isWhole &= other.isWhole;
            return this;
        }

        /** Both parts as they are: added up they would have other bits. */
        JsonNode toStored() {
            ObjectNode stored = NODES.objectNode();
            stored.set("whole", whole.toJson());
            stored.put("fraction_bits", Double.doubleToRawLongBits(fractions));
            return stored.put("is_whole", isWhole);
        }

        static NumberSum fromStored(JsonNode stored) {
            NumberSum sum = new NumberSum();
            sum.whole.add(stored.path("whole").bigIntegerValue());
            sum.fractions = Double.longBitsToDouble(stored.path("fraction_bits").longValue());
            sum.isWhole = stored.path("is_whole").booleanValue();
            return sum;
        }

        JsonNode toJson() {
            if (isWhole) {
                return whole.toJson();
            }
            double sum = whole.value().doubleValue() + fractions;
            if (!Double.isFinite(sum)) {
                throw new ArithmeticException("the sum is larger than a double can hold, which fractions are added in");
            }
            return DoubleNode.valueOf(sum);
        }
    }

    /** Strings or arrays, one behind the other. */
    public static final class Concatenation {
        private final StringBuilder text = new StringBuilder();

        @Nullable
        private ArrayNode array;

        private boolean hasText;

        Concatenation add(JsonNode part) {
            if (part.isArray()) {
                return addArray((ArrayNode) part);
            }
            hasText = true;
            requireOneKind();
            text.append(part.textValue());
            return this;
        }

        Concatenation add(Concatenation other) {
            if (other.array != null) {
                addArray(other.array);
            }
            hasText |= other.hasText;
            requireOneKind();
            text.append(other.text);
            return this;
        }

        private Concatenation addArray(ArrayNode part) {
            if (array == null) {
                array = NODES.arrayNode();
            }
            array.addAll(part);
            requireOneKind();
            return this;
        }

        private void requireOneKind() {
            if (hasText && array != null) {
                throw new IllegalArgumentException(
                        "combine \"concat\" got both strings and arrays; expected results of one kind");
            }
        }

        JsonNode toJson() {
            return array != null ? array : TextNode.valueOf(text.toString());
        }
    }
}
