package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON in single quotes, and what a reader makes of it. */
final class Wire {
    private Wire() {}

    /** {@code FromWorker::read} and its like. */
    interface Reader<M> {
        M read(byte[] bytes, int offset, int length) throws ProtocolException;
    }

    static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    static <M> M read(Reader<M> reader, String json) throws ProtocolException {
        byte[] bytes = bytes(json);
        return reader.read(bytes, 0, bytes.length);
    }

    static JsonNode json(String json) throws ProtocolException {
        byte[] bytes = bytes(json);
        return Json.read(bytes, 0, bytes.length);
    }

    static ObjectNode object(String json) throws ProtocolException {
        byte[] bytes = bytes(json);
        return Json.readObject(bytes, 0, bytes.length);
    }

    /** The text of a message's frame. */
    static String text(Message message) {
        ByteBuffer frame = Frames.encode(message);
        assertEquals(frame.remaining() - Frames.HEADER_BYTES, frame.getInt(0), "the header is the length");
        return new String(
                frame.array(), Frames.HEADER_BYTES, frame.remaining() - Frames.HEADER_BYTES, StandardCharsets.UTF_8);
    }

    /** Reads what it writes, also out of the middle of something larger. */
    static <M> M readBack(Reader<? extends M> reader, Message message) throws ProtocolException {
        byte[] text = text(message).getBytes(StandardCharsets.UTF_8);
        byte[] surrounded = new byte[text.length + 20];
        Arrays.fill(surrounded, (byte) 'x');
        System.arraycopy(text, 0, surrounded, 10, text.length);
        return reader.read(surrounded, 10, text.length);
    }

    static void assertRefused(ErrorCode code, String complaint, Reader<?> reader, String json) {
        ProtocolException refused = assertThrows(ProtocolException.class, () -> read(reader, json), json);
        assertEquals(code, refused.code(), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).startsWith(complaint), refused.getMessage());
    }
}
