package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results arrive as they were sent, whatever JSON they are. */
class ResultValuesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1,-2,9223372036854775807]",
                "[9223372036854775808]",
                "[1,2,9223372036854775808,3]",
                "[1,null]",
                "[true,\"text\",1.10,{\"a\":[1,{\"b\":null}]},[]]",
                "[[1],[2,3]]",
            })
    void anyResultsAreReadAndWritten(String results) throws ProtocolException {
        String message = "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":" + results + "}";
        assertEquals(
                message,
                StandardCharsets.UTF_8
                        .decode(textOf(Frames.encode(read(results))))
                        .toString());
    }

    @Test
    void wholeNumbersThatFitAreKeptSmall() throws ProtocolException {
        assertInstanceOf(ResultValues.Longs.class, read("[1,2,3]").results());
    }

    /** A long string takes no more than its text; it may come near a limit and still is below it. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 100_000, 3_000_000})
    void aLongStringIsTakenForWhatItTakes(int chars) throws ProtocolException {
        long bytes = sizeBytes("[\"" + "x".repeat(chars) + "\"]");
        assertTrue(bytes >= chars && bytes < 1.1 * chars, bytes + " bytes for " + chars);
        long wide = sizeBytes("[\"" + "€".repeat(chars) + "\"]");
        assertTrue(wide >= 2L * chars && wide < 2.1 * chars, wide + " bytes for " + chars + " of two bytes each");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedAmongManyNamesToo() {
        byte[] array = ("[" + "{\"name\":1},".repeat(10_000) + "\"?\"]").getBytes(StandardCharsets.UTF_8);
        array[array.length - 3] = (byte) 0xff;
        ProtocolException refused = assertThrows(ProtocolException.class, () -> ResultValues.parse(array));
        assertEquals(ErrorCode.BAD_JSON, refused.code());
    }

    @Test
    void partsOfAStringAmongOthersAddUp() throws ProtocolException {
        long each = sizeBytes("[\"" + "x".repeat(1_000) + "\"]");
        assertEquals(
                100 * each,
                sizeBytes("[" + ("\"" + "x".repeat(1_000) + "\",").repeat(99) + "\"" + "x".repeat(1_000) + "\"]"));
    }

    /** Of such trees the text says little: each array is a node, a list and the array of the list. */
    @Test
    void manySmallArraysAndObjectsAreTakenForMuchMoreThanTheirText() throws ProtocolException {
        long arrays = sizeBytes("[" + "[7],".repeat(999) + "[7]]");
        assertTrue(arrays >= 1_000 * 100, arrays + " bytes for a thousand arrays");
        long objects = sizeBytes("[" + "{\"a\":7},".repeat(999) + "{\"a\":7}]");
        assertTrue(objects >= 1_000 * 200, objects + " bytes for a thousand objects");
    }

    private static long sizeBytes(String results) throws ProtocolException {
        return read(results).results().sizeBytes();
    }

    private static ByteBuffer textOf(ByteBuffer frame) {
        return frame.position(Frames.HEADER_BYTES);
    }

    private static FromWorker.Result read(String results) throws ProtocolException {
        byte[] message = ("{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":" + results + "}")
                .getBytes(StandardCharsets.UTF_8);
        return (FromWorker.Result) FromWorker.read(message, 0, message.length);
    }
}
