package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a result before it is sent. One that does not fit into a message would end the connection, and with it the work
 * on everything else, again and again; so it is found here, and is the failure of its subtask alone.
 */
final class ResultCheck {
    /** A message holds more than the result: its own fields take a part of the frame, and of the depth. */
    static final int MAX_BYTES = ProtocolLimits.MAX_FRAME_BYTES - 4_096;

    static final int MAX_DEPTH = ProtocolLimits.MAX_JSON_DEPTH - 4;
    /** Of the frame, so much is left over whatever the result and the fields of its message. */
    private static final int LEFT_OVER_BYTES = 1_024;
    /** Of a value: quotes or brackets, and the comma behind it. */
    private static final int MARKS_BYTES = 3;
    /** Of the name of a field: quotes and a colon. */
    private static final int NAME_MARKS_BYTES = 3;
    /** Of a number that is not of any size: the longest are doubles such as -2.2250738585072014E-308. */
    private static final int NUMBER_BYTES = 26;

    /** Of a character that is written as {@code \\u} and four digits: Jackson writes each half of a surrogate pair so. */
    private static final int ESCAPE_BYTES = 6;

    private static final int LONG_BYTES = 21;
    private static final Package JACKSON = LongNode.class.getPackage();

    private long bytes;
    private boolean hasForeignNodes;

    private ResultCheck() {}

    /**
     * A result that can be sent.
     *
     * @param textBytes how many bytes it takes as text: as many, or some more
     */
    record Sendable(JsonNode value, long textBytes) {
        boolean isLong() {
            return value.isIntegralNumber() && value.canConvertToLong();
        }
    }

    /**
     * What a task type returned, as it is sent: null as JSON's null, and nodes of classes of its own as what they write.
     *
     * @throws UnfitResultException if it cannot be sent
     */
    static Sendable sendable(@Nullable JsonNode result) throws UnfitResultException, ProtocolException {
        JsonNode value = result == null ? NullNode.getInstance() : result;
        if (value instanceof LongNode || value instanceof IntNode) {
            return new Sendable(value, LONG_BYTES);
        }
        ResultCheck check = new ResultCheck();
        check.visit(value, 0);
        if (check.hasForeignNodes) {
            // Here they can fail their subtask alone; where they are sent, those beside them too.
            byte[] text = Json.write(value);
            value = Json.read(text, 0, text.length);
            check = new ResultCheck();
            check.visit(value, 0);
        }
        if (check.bytes > MAX_BYTES) {
            throw new UnfitResultException("the result takes about " + check.bytes + " bytes; expected at most "
                    + MAX_BYTES + ", which fit into a message");
        }
        return new Sendable(value, check.bytes);
    }

    /**
     * Whether a message that is written out can be sent, and offered if its connection is lost. {@link #sendable} has seen to
     * that; should it ever count too little, nothing but this keeps a worker from ending each connection with the same offer.
     */
    static boolean fits(ByteBuffer frame) {
        return frame.remaining() <= ProtocolLimits.MAX_FRAME_BYTES - LEFT_OVER_BYTES;
    }

    private void visit(JsonNode value, int depth) throws UnfitResultException {
        if (depth > MAX_DEPTH) {
            throw new UnfitResultException(
                    "the result is nested more than " + MAX_DEPTH + " deep, which no message may be");
        }
        bytes += MARKS_BYTES;
        hasForeignNodes |= value.getClass().getPackage() != JACKSON;
        switch (value.getNodeType()) {
            case OBJECT -> {
                for (Map.Entry<String, JsonNode> field : value.properties()) {
                    bytes += NAME_MARKS_BYTES;
                    addText(field.getKey());
                    visit(field.getValue(), depth + 1);
                }
            }
            case ARRAY -> {
                for (JsonNode entry : value) {
                    visit(entry, depth + 1);
                }
            }
            case STRING -> addText(value.textValue());
            case NUMBER -> addNumber(value);
            case BINARY, NULL, BOOLEAN -> bytes += value.asText().length();
            case MISSING, POJO ->
                throw new UnfitResultException(
                        "the result holds a " + value.getClass().getName()
                                + "; expected objects, arrays, strings, numbers, booleans and null");
        }
    }

    private void addNumber(JsonNode number) throws UnfitResultException {
        if (!Json.hasReadableNumbers(number)) {
            throw new UnfitResultException("the result holds " + Json.describe(number)
                    + "; expected numbers that are finite, of at most " + ProtocolLimits.MAX_NUMBER_DIGITS
                    + " digits, and with an exponent of at most " + ProtocolLimits.MAX_NUMBER_EXPONENT);
        }
        boolean isLong = number.isBigInteger() || number.isBigDecimal();
        bytes += isLong ? number.asText().length() : NUMBER_BYTES;
    }

    private void addText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next < ' ' || Character.isSurrogate(next)) {
                bytes += ESCAPE_BYTES;
            } else if (next < 0x80) {
                bytes += next == '"' || next == '\\' ? 2 : 1;
            } else {
                bytes += next < 0x800 ? 2 : 3;
            }
        }
    }
}
