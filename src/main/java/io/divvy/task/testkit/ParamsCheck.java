package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The schema says what {@code split} takes, and anything else is refused with a message for the sender. */
final class ParamsCheck {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Values that make no sense to somebody. */
    private static final List<JsonNode> ODD_VALUES = List.of(
            NullNode.getInstance(),
            BooleanNode.TRUE,
            TextNode.valueOf(""),
            TextNode.valueOf("x"),
            IntNode.valueOf(0),
            IntNode.valueOf(-1),
            DoubleNode.valueOf(1.5),
            DoubleNode.valueOf(1e300),
            BigIntegerNode.valueOf(BigInteger.TEN.pow(40)),
            BigIntegerNode.valueOf(BigInteger.TEN.pow(40).negate()),
            NODES.arrayNode(),
            NODES.arrayNode().addNull(),
            NODES.arrayNode().add("x").add(1),
            NODES.objectNode(),
            NODES.objectNode().put("x", 1));

    private final TaskType type;
    private final ObjectNode schema;

    ParamsCheck(TaskType type) {
        this.type = type;
        this.schema = type.paramsSchema();
    }

    void check() {
        checkSchema();
        for (ObjectNode example : type.exampleParams()) {
            String complaint = ParamsSchema.complaint(schema, example);
            if (complaint != null) {
                throw wrong(example, "the schema refuses an example: " + complaint);
            }
            if (!split(example)) {
                throw wrong(example, "split refuses an example");
            }
            for (ObjectNode odd : variations(example)) {
                checkOdd(odd);
            }
        }
    }

    private void checkSchema() {
        if (!schema.path("type").asText().equals("object")) {
            throw new AssertionError("task type " + type.name() + ": the schema of params is " + schema
                    + "; expected one of \"type\": \"object\"");
        }
        for (JsonNode required : schema.path("required")) {
            if (!schema.path("properties").has(required.asText())) {
                throw new AssertionError("task type " + type.name() + ": the schema requires " + required
                        + ", which is not among its properties");
            }
        }
    }

    private void checkOdd(ObjectNode params) {
        String complaint = ParamsSchema.complaint(schema, params);
        if (split(params) && complaint != null) {
            throw wrong(params, "split takes what the schema refuses: " + complaint);
        }
    }

    /** Whether the type takes them. */
    private boolean split(ObjectNode params) {
        for (Long wanted : new Long[] {null, 3L}) {
            try {
                Subtasks subtasks = type.split(params.deepCopy(), wanted);
                if (subtasks.count() > 0) {
                    subtasks.payload(0);
                    subtasks.payload(subtasks.count() - 1);
                }
                type.combiner(params.deepCopy()).empty();
            } catch (InvalidParamsException e) {
                if (e.getMessage() == null || e.getMessage().isBlank()) {
                    throw wrong(params, "they are refused without a message; expected one that names the param");
                }
                if (wanted == null) {
                    return false;
                }
            } catch (RuntimeException e) {
                AssertionError error = wrong(params, "expected an InvalidParamsException or nothing, got " + e);
                error.initCause(e);
                throw error;
            }
        }
        return true;
    }

    /** The example without one of its fields, with an odd value in its place, and with one too many. */
    private static List<ObjectNode> variations(ObjectNode example) {
        List<ObjectNode> variations = new ArrayList<>();
        for (Iterator<String> names = example.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            variations.add(example.deepCopy().without(name));
            for (JsonNode odd : ODD_VALUES) {
                variations.add(example.deepCopy().set(name, odd));
            }
        }
        variations.add(example.deepCopy().put("no_such_param", 1));
        variations.add(NODES.objectNode());
        return variations;
    }

    private AssertionError wrong(@Nullable ObjectNode params, String what) {
        return new AssertionError("task type " + type.name() + ", params " + params + ": " + what);
    }
}
