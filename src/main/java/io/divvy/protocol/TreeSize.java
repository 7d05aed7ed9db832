package io.divvy.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * About how much memory a JSON tree takes, rather more than less. Its text does not tell: a long string takes as much as its
 * text, an array of one digit thirty times that.
 *
 * <p>The figures are those of a 64-bit JVM with compressed references: a header of 12 bytes, references of 4, objects of
 * multiples of 8.
 */
public final class TreeSize {
    /** In the list of whoever holds it. */
    static final int REFERENCE = 4;

    /** A node with one field of at most 8 bytes. */
    static final int NODE = 24;

    /** A string and its array, without its characters. */
    static final int STRING = 48;

    /** A node, its list, and the list's array of ten at least. */
    static final int ARRAY = 104;

    /** A node, its linked hash map, and the map's table of sixteen. */
    static final int OBJECT = 160;

    /** An entry of a linked hash map, and its place in the table. */
    static final int FIELD = 48;

    /** A decimal or a large whole number without its digits. */
    static final int LARGE_NUMBER = 112;

    /** The last character that a string keeps in one byte. */
    private static final char LAST_OF_ONE_BYTE = 0xFF;

    private static final int BLOCK_CHARS = 4_096;
    private static final int FEW_CHARS = 32;

    private TreeSize() {}

    /** In bytes. The depth of a tree is bounded where it is read. */
    public static long of(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> REFERENCE + NODE + string(node.textValue());
            case NUMBER -> REFERENCE + number(node);
            case ARRAY -> array(node);
            case OBJECT -> object(node);
            default -> REFERENCE; // One node for all of them.
        };
    }

    /** The same of an element of a list, whose array has room for half as many again. */
    static long ofElement(JsonNode node) {
        return REFERENCE / 2 + of(node);
    }

    /** Of a text, 0 of none. */
    static long of(@Nullable String text) {
        return text == null ? 0 : string(text);
    }

    private static long string(String text) {
        for (int from = 0; from < text.length(); from += BLOCK_CHARS) {
            if (!isOneByteEach(text, from, Math.min(text.length(), from + BLOCK_CHARS))) {
                return STRING + 2L * text.length();
            }
        }
        return STRING + (long) text.length();
    }

    /** To write out some text in UTF-8 is several times as fast as to look at each character, and most text is ASCII. */
    private static boolean isOneByteEach(String text, int from, int to) {
        if (to - from > FEW_CHARS) {
            String block = text.substring(from, to); // The text itself, if it is no longer.
            if (block.getBytes(StandardCharsets.UTF_8).length == to - from) {
                return true;
            }
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i) > LAST_OF_ONE_BYTE) {
                return false;
            }
        }
        return true;
    }

    private static long number(JsonNode node) {
        return switch (node.numberType()) {
            case INT, LONG, FLOAT, DOUBLE -> NODE;
            case BIG_INTEGER -> LARGE_NUMBER + (long) node.bigIntegerValue().bitLength() / Byte.SIZE;
            case BIG_DECIMAL -> LARGE_NUMBER + (long) node.asText().length();
        };
    }

    private static long array(JsonNode array) {
        long bytes = REFERENCE + ARRAY;
        for (JsonNode element : array) {
            bytes += ofElement(element);
        }
        return bytes;
    }

    private static long object(JsonNode object) {
        long bytes = REFERENCE + OBJECT;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            bytes += FIELD + string(field.getKey()) + of(field.getValue());
        }
        return bytes;
    }
}
