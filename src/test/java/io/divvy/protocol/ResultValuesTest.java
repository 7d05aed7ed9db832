package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

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

    private static ByteBuffer textOf(ByteBuffer frame) {
        return frame.position(Frames.HEADER_BYTES);
    }

    private static FromWorker.Result read(String results) throws ProtocolException {
        byte[] message = ("{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":" + results + "}")
                .getBytes(StandardCharsets.UTF_8);
        return (FromWorker.Result) FromWorker.read(message, 0, message.length);
    }
}
