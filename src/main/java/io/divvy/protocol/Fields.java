package io.divvy.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one JSON object by name and type. What is wrong becomes a {@link ProtocolException} that names the
 * field and says what was expected. An optional field that is null counts as absent.
 */
public final class Fields {
    private final ObjectNode object;
    private final String prefix;
    private final ErrorCode code;

    /**
     * @param prefix stands before each field's name in messages, for instance {@code "task."}
     * @param code of the exceptions
     */
    public Fields(ObjectNode object, String prefix, ErrorCode code) {
        this.object = object;
        this.prefix = prefix;
        this.code = code;
    }

    /** Fails if there is a field of another name. */
    public void requireOnly(Collection<String> known) throws ProtocolException {
        for (var names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new ProtocolException(
                        code, prefix + name + ": unknown field; expected only " + String.join(", ", known));
            }
        }
    }

    public boolean has(String name) {
        return object.hasNonNull(name);
    }

    public @Nullable JsonNode any(String name) {
        return has(name) ? object.get(name) : null;
    }

    public JsonNode required(String name, String expected) throws ProtocolException {
        JsonNode value = any(name);
        if (value == null) {
            throw new ProtocolException(code, prefix + name + ": missing; expected " + expected);
        }
        return value;
    }

    public long wholeNumber(String name, long least, long most) throws ProtocolException {
        return wholeNumber(name, required(name, expectedNumber(least, most)), least, most);
    }

    public long wholeNumber(String name, long least, long most, long otherwise) throws ProtocolException {
        JsonNode value = any(name);
        return value == null ? otherwise : wholeNumber(name, value, least, most);
    }

    private long wholeNumber(String name, JsonNode value, long least, long most) throws ProtocolException {
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            throw wrong(name, expectedNumber(least, most), value);
        }
        return value.longValue();
    }

    public String text(String name, Pattern pattern) throws ProtocolException {
        String expected = "a string of " + pattern;
        return matching(name, required(name, expected), pattern, expected);
    }

    public @Nullable String optionalText(String name, int mostChars) throws ProtocolException {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        String expected = "a string of 1 to " + mostChars + " characters";
        if (!value.isTextual()
                || value.textValue().isEmpty()
                || value.textValue().length() > mostChars) {
            throw wrong(name, expected, value);
        }
        return value.textValue();
    }

    public String text(String name) throws ProtocolException {
        JsonNode value = required(name, "a string");
        if (!value.isTextual()) {
            throw wrong(name, "a string", value);
        }
        return value.textValue();
    }

    public boolean flag(String name, boolean otherwise) throws ProtocolException {
        JsonNode value = any(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value.booleanValue();
    }

    /** The constant whose name in lower case is given. */
    public <E extends Enum<E>> @Nullable E choice(String name, Class<E> type) throws ProtocolException {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        StringJoiner choices = new StringJoiner(", ");
        for (E constant : type.getEnumConstants()) {
            String choice = constant.name().toLowerCase(java.util.Locale.ROOT);
            if (value.isTextual() && choice.equals(value.textValue())) {
                return constant;
            }
            choices.add('"' + choice + '"');
        }
        throw wrong(name, "one of " + choices, value);
    }

    public @Nullable ObjectNode optionalObject(String name) throws ProtocolException {
        JsonNode value = any(name);
        if (value == null || value instanceof ObjectNode) {
            return (ObjectNode) value;
        }
        throw wrong(name, "an object", value);
    }

    /** An array of distinct strings that match; empty if it is absent. */
    public Set<String> texts(String name, Pattern pattern, int mostEntries) throws ProtocolException {
        JsonNode value = any(name);
        if (value == null) {
            return Set.of();
        }
        String expected = "an array of at most " + mostEntries + " strings of " + pattern;
        if (!value.isArray() || value.size() > mostEntries) {
            throw wrong(name, expected, value);
        }
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode entry : value) {
            texts.add(matching(name, entry, pattern, expected));
        }
        return texts;
    }

    private String matching(String name, JsonNode value, Pattern pattern, String expected) throws ProtocolException {
        if (!value.isTextual() || !pattern.matcher(value.textValue()).matches()) {
            throw wrong(name, expected, value);
        }
        return value.textValue();
    }

    public ProtocolException wrong(String name, String expected, JsonNode got) {
        return new ProtocolException(code, prefix + name + ": expected " + expected + ", got " + Json.describe(got));
    }

    private static String expectedNumber(long least, long most) {
        return "a whole number from " + least + " to " + most;
    }
}
