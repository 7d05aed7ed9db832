package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of JSON schema that the params of task types need: type, properties, required, additionalProperties as false or
 * left out, items, minItems, maxItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum, minLength, maxLength.
 * Other keywords are taken to accept everything.
 */
final class ParamsSchema {
    private ParamsSchema() {}

    /** What the schema has against the value, or null. */
    static @Nullable String complaint(JsonNode schema, JsonNode value) {
        return complaint(schema, value, "params");
    }

    private static @Nullable String complaint(JsonNode schema, JsonNode value, String where) {
        if (schema.has("type") && !isOfType(schema.get("type"), value)) {
            return where + " is not of type " + schema.get("type");
        }
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            return where + " is none of " + schema.get("enum");
        }
        if (value.isObject()) {
            return ofObject(schema, value, where);
        }
        if (value.isArray()) {
            return ofArray(schema, value, where);
        }
        if (value.isNumber()) {
            return ofNumber(schema, value.decimalValue(), where);
        }
        return value.isTextual() ? ofLength(schema, "Length", value.textValue().length(), where) : null;
    }

    private static boolean isOfType(JsonNode type, JsonNode value) {
        if (type.isArray()) {
            boolean fits = false;
            for (JsonNode one : type) {
                fits |= isOfType(one, value);
            }
            return fits;
        }
        return switch (type.asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            case "number" -> value.isNumber();
            case "integer" ->
                value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0;
            default -> throw new AssertionError("the schema has a type that JSON has not: " + type);
        };
    }

    private static boolean contains(JsonNode values, JsonNode value) {
        for (JsonNode one : values) {
            if (one.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String ofObject(JsonNode schema, JsonNode value, String where) {
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                return where + "." + required.asText() + " is missing";
            }
        }
        JsonNode properties = schema.path("properties");
        boolean closed = schema.path("additionalProperties").isBoolean()
                && !schema.path("additionalProperties").booleanValue();
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            String name = where + "." + field.getKey();
            if (closed && !properties.has(field.getKey())) {
                return name + " is unknown";
            }
            String complaint = complaint(properties.path(field.getKey()), field.getValue(), name);
            if (complaint != null) {
                return complaint;
            }
        }
        return null;
    }

    private static @Nullable String ofArray(JsonNode schema, JsonNode value, String where) {
        for (int i = 0; i < value.size(); i++) {
            String complaint = complaint(schema.path("items"), value.get(i), where + "[" + i + "]");
            if (complaint != null) {
                return complaint;
            }
        }
        return ofLength(schema, "Items", value.size(), where);
    }

    private static @Nullable String ofLength(JsonNode schema, String unit, int length, String where) {
        boolean fits = length >= schema.path("min" + unit).asInt(0)
                && length <= schema.path("max" + unit).asInt(Integer.MAX_VALUE);
        return fits ? null : where + " is too short or too long";
    }

    private static @Nullable String ofNumber(JsonNode schema, BigDecimal value, String where) {
        boolean fits = (!schema.has("minimum") || value.compareTo(limit(schema, "minimum")) >= 0)
                && (!schema.has("maximum") || value.compareTo(limit(schema, "maximum")) <= 0)
                && (!schema.has("exclusiveMinimum") || value.compareTo(limit(schema, "exclusiveMinimum")) > 0)
                && (!schema.has("exclusiveMaximum") || value.compareTo(limit(schema, "exclusiveMaximum")) < 0);
        return fits ? null : where + " is too small or too large";
    }

    private static BigDecimal limit(JsonNode schema, String keyword) {
        return schema.get(keyword).decimalValue();
    }
}
