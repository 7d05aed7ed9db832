package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;

/**
 * Makes trees of tokens, in which a number that is not whole keeps its characters. Jackson's own reader makes a decimal of it,
 * and fails in a way of its own where an exponent does not fit an {@code int}. The parser bounds how deep this calls itself.
 */
final class JsonTree {
    private JsonTree() {}

    /**
     * The value at which the parser stands, which is left on its last token.
     *
     * @throws TreeRoom.Exceeded if there is not enough room for it
     * @throws StreamConstraintsException for a number whose exponent is out of bounds
     */
    static JsonNode read(JsonParser json, TreeRoom room) throws IOException {
        JsonToken token = json.currentToken();
        return switch (token) {
            case START_OBJECT -> object(json, room);
            case START_ARRAY -> array(json, room);
            case VALUE_STRING -> text(json, room);
            case VALUE_NUMBER_INT -> wholeNumber(json, room);
            case VALUE_NUMBER_FLOAT -> number(json, room);
            case VALUE_TRUE -> BooleanNode.TRUE;
            case VALUE_FALSE -> BooleanNode.FALSE;
            case VALUE_NULL -> NullNode.getInstance();
            case FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("expected the parser to stand on a value, not on " + token);
        };
    }

    private static ObjectNode object(JsonParser json, TreeRoom room) throws IOException {
        room.take(TreeSize.OBJECT, json);
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            room.take(TreeSize.FIELD + TreeSize.STRING + name.length(), json);
            json.nextToken();
            object.set(name, read(json, room));
        }
        return object;
    }

    private static ArrayNode array(JsonParser json, TreeRoom room) throws IOException {
        room.take(TreeSize.ARRAY, json);
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            room.take(TreeSize.REFERENCE, json);
            array.add(read(json, room));
        }
        return array;
    }

    private static TextNode text(JsonParser json, TreeRoom room) throws IOException {
        String text = json.getText();
        room.take(TreeSize.NODE + TreeSize.STRING + text.length(), json);
        return TextNode.valueOf(text);
    }

    private static JsonNode wholeNumber(JsonParser json, TreeRoom room) throws IOException {
        room.take(TreeSize.NODE, json);
        return switch (json.getNumberType()) {
            case INT -> IntNode.valueOf(json.getIntValue());
            case LONG -> LongNode.valueOf(json.getLongValue());
            default -> BigIntegerNode.valueOf(json.getBigIntegerValue());
        };
    }

    private static JsonNode number(JsonParser json, TreeRoom room) throws IOException {
        requireBoundedExponent(json);
        String text = json.getText();
        room.take(TreeSize.LARGE_NUMBER + text.length(), json);
        return new WrittenNumber(text);
    }

    /** The parser is at a number that has a fraction or an exponent. */
    static void requireBoundedExponent(JsonParser json) throws IOException {
        if (!WrittenNumber.hasBoundedExponent(json.getText())) {
            throw new StreamConstraintsException(
                    "a number's exponent is out of bounds; expected one from -" + ProtocolLimits.MAX_NUMBER_EXPONENT
                            + " to " + ProtocolLimits.MAX_NUMBER_EXPONENT,
                    json.currentTokenLocation());
        }
    }
}
