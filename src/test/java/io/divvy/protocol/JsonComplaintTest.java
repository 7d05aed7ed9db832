package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a text that is not JSON. */
class JsonComplaintTest {
    private static final String VALID =
            "{\"type\":\"mine\",\"payloads\":[1,-2.5e3,{\"a\":null},\"\\u00e9\\n\"],\"priority\":7,\"paused\":false}";

    private static String complaint(byte[] text) {
        return assertThrows(ProtocolException.class, () -> Json.read(text, 0, text.length))
                .getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{a:1}        | not JSON at byte 1: expected a field name in double quotes, got a",
                "{\"a\" 1}    | not JSON at byte 5: expected a colon behind a field name, got 1",
                "{\"a\":1 2}  | not JSON at byte 7: expected , or } behind a value, got 2",
                "[1 2]        | not JSON at byte 3: expected , or ] behind a value, got 2",
                "[1}          | not JSON at byte 2: expected ], got }",
                "{\"a\":1]    | not JSON at byte 6: expected }, got ]",
                "{}}          | not JSON at byte 2: nothing is open that } could close",
                "[tru]        | not JSON at byte 1: expected a value, got tru",
                "[,]          | not JSON at byte 1: expected a value, got ,",
                "[1.]         | not JSON at byte 3: expected a digit behind the point, got ]",
                "[01]         | not JSON at byte 2: a number begins with a 0 too many",
                "[\"\\x\"]    | not JSON at byte 3: \\x is no escape of JSON",
                "[\"\\u00zz\"] | not JSON at byte 6: expected four hex digits behind \\u, got z",
                "[/* 1 */]    | not JSON at byte 1: expected no comments, which JSON has not",
                "{\"a\":1,\"a\":2} | not JSON at byte 10: the field \"a\" is there twice",
                "[1,          | not JSON at byte 3: it ends in the middle of a value",
            })
    void itSaysWhatWasExpectedAndWhatCame(String text, String expected) {
        assertEquals(expected, complaint(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void bytesThatAreNoTextAreNamedAsSuch() {
        for (String bytes : new String[] {"[\"\u00ff\"]", "[\"\u00c3\"]", "[\"\u00ed\u00a0\u0080\"]", "\u00ff"}) {
            String complaint = complaint(bytes.getBytes(StandardCharsets.ISO_8859_1));
            assertTrue(complaint.endsWith(": expected UTF-8"), complaint);
        }
    }

    /** Each byte of a text in turn becomes one that JSON uses, or one that it does not. */
    @Test
    void nothingThatTheParserSaysOfItselfGetsThrough() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] valid = VALID.getBytes(StandardCharsets.UTF_8);
        byte[] tried = "{}[],:\"\\019-.eEtfnu/*#\t\n\u0000\u0001 \u00ff\u00c3\u00e2\u0080"
                .getBytes(StandardCharsets.ISO_8859_1);
        TreeSet<String> foreign = new TreeSet<>();
        for (int at = 0; at < valid.length; at++) {
            for (byte other : tried) {
                byte[] text = valid.clone();
                text[at] = other;
                if (random.nextBoolean()) {
                    text[random.nextInt(text.length)] = tried[random.nextInt(tried.length)];
                }
                try {
                    Json.read(text, 0, text.length);
                } catch (ProtocolException e) {
                    String complaint = String.valueOf(e.getMessage());
                    if (complaint.matches("(?is).*(source|token|code \\d|jackson|ctrl|unexpected|feature|0x).*")) {
                        foreign.add(complaint);
                    }
                }
            }
        }
        assertEquals(new TreeSet<>(), foreign, "seed " + seed);
    }
}
