package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ways to combine that every task can ask for by name. */
public final class Combiners {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Combiners() {}

    /** Whether it is one of these. They are quick, whatever the results, and ask for no payloads. */
    public static boolean isOneOfThese(Combiner<?> combiner) {
        return combiner.getClass().getPackage() == Combiners.class.getPackage();
    }

    /** The exact sum of whole numbers. */
    public static Combiner<ExactSum> wholeNumberSum() {
        return new AddingCombiners.WholeNumberSum();
    }

    /** The sum of numbers: exact while they are whole; others are added as doubles, in index order. */
    public static Combiner<NumberSum> sum() {
        return new AddingCombiners.Sum();
    }

    /** The smallest number; among equal ones (1 and 1.0) that of the lowest index. Null of none. */
    public static Combiner<JsonNode> min() {
        return new ChoosingCombiners.Extreme(-1);
    }

    /** The largest number; among equal ones (1 and 1.0) that of the lowest index. Null of none. */
    public static Combiner<JsonNode> max() {
        return new ChoosingCombiners.Extreme(1);
    }

    /** How many subtasks succeeded. */
    public static Combiner<Long> count() {
        return new AddingCombiners.Count();
    }

    /** The result of the lowest index that is not null; null of none. */
    public static Combiner<JsonNode> first() {
        return new ChoosingCombiners.FirstNonNull();
    }

    /** Some result that is not null, the one that came first; null of none. */
    public static Combiner<JsonNode> any() {
        return new ChoosingCombiners.Any();
    }

    /** Null: the results do not matter. */
    public static Combiner<JsonNode> none() {
        return new ChoosingCombiners.None();
    }

    /** The results as an array in index order; null where a subtask failed. */
    public static Combiner<ArrayNode> collect() {
        return new JoiningCombiners.Collect();
    }

    /** Strings, or arrays, one behind the other in index order; they cannot be mixed. An empty string of none. */
    public static Combiner<Concatenation> concat() {
        return new JoiningCombiners.Concat();
    }

    /** Objects of numbers, added up by name; names in the order in which they first came. */
    public static Combiner<Map<String, NumberSum>> mergeCounts() {
        return new AddingCombiners.MergeCounts();
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
