package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the fields of params or of a payload. What is wrong with one is said by its name, with what was expected. */
public final class Params {
    private final ObjectNode object;
    private final String prefix;

    private Params(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    public static Params of(ObjectNode params) {
        return new Params(params, "params.");
    }

    /** @param form an example of what a payload looks like, for the message if it is no object */
    public static Params ofPayload(JsonNode payload, String form) throws InvalidParamsException {
        if (payload instanceof ObjectNode object) {
            return new Params(object, "payload.");
        }
        throw new InvalidParamsException("expected a payload of the form " + form + ", got " + payload);
    }

    /** Refuses fields of other names, so that a misspelt one is not silent. */
    public Params requireOnly(String... names) throws InvalidParamsException {
        List<String> known = List.of(names);
        for (Iterator<String> given = object.fieldNames(); given.hasNext(); ) {
            String name = given.next();
            if (!known.contains(name)) {
                int last = known.size() - 1;
                String all = last < 1
                        ? String.join("", known)
                        : String.join(", ", known.subList(0, last)) + " and " + known.get(last);
                throw new InvalidParamsException(prefix + name + ": unknown; expected only " + all);
            }
        }
        return this;
    }

    /** A whole number of any size. */
    public BigInteger wholeNumber(String name) throws InvalidParamsException {
        JsonNode value = object.get(name);
        if (value == null || !value.isIntegralNumber()) {
            throw wrong(name, "a whole number", value);
        }
        return value.bigIntegerValue();
    }

    /** A whole number from {@code min} to {@code max}, both included. */
    public long wholeNumber(String name, long min, long max) throws InvalidParamsException {
        JsonNode value = object.get(name);
        if (value == null
                || !value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            throw wrong(name, "a whole number from " + min + " to " + max, value);
        }
        return value.longValue();
    }

    public String text(String name) throws InvalidParamsException {
        JsonNode value = object.get(name);
        if (value == null || !value.isTextual()) {
            throw wrong(name, "a text", value);
        }
        return value.textValue();
    }

    /** The value as it is, or null if there is none. */
    public @Nullable JsonNode any(String name) {
        return object.get(name);
    }

    public InvalidParamsException wrong(String name, String expected, @Nullable JsonNode got) {
        return wrong(name, "expected " + expected + ", got " + (got == null ? "nothing" : shown(got)));
    }

    public InvalidParamsException wrong(String name, String problem) {
        return new InvalidParamsException(prefix + name + ": " + problem);
    }

    /** Long values are cut: the message goes into logs and over the wire. */
    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
