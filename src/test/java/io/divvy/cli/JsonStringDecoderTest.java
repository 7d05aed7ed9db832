package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of a JSON string, for {@code --output}. */
class JsonStringDecoderTest {
    private static String decoded(String json) throws IOException {
        BufferedInputStream in =
                new BufferedInputStream(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
        in.read(); // The quote at the beginning.
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonStringDecoder.decode(in, text);
        return text.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "line\nline\ttab\\ \"quoted\" /\b\f\r", "h\u00e9llo \u20ac", "\ud83d\ude00!"})
    void everyTextComesBackAsItWas(String text) throws IOException {
        assertEquals(text, decoded(Json.MAPPER.writeValueAsString(TextNode.valueOf(text))));
    }

    @ParameterizedTest
    @CsvSource({"\"\\u00e9\\u20AC\", \u00e9\u20ac", "\"\\ud83d\\ude00.\", \ud83d\ude00.", "\"a\\/b\", a/b"})
    void escapesBecomeLetters(String json, String expected) throws IOException {
        assertEquals(expected, decoded(json));
    }

    @Test
    void halfAPairLosesNothingOfWhatFollows() throws IOException {
        assertEquals("?x?\n", decoded("\"\\ud83dx\\ud83d\\n\""));
    }

    @Test
    void aStringWithoutAnEndIsAnError() {
        assertThrows(EOFException.class, () -> decoded("\"begun"));
    }
}
