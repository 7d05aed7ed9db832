package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonArrayTextTest {
    private static String utf8(byte[] text) {
        return new String(text, StandardCharsets.UTF_8);
    }

    @Test
    void entriesAreWrittenOneBehindTheOther() throws IOException, ProtocolException {
        JsonArrayText text = new JsonArrayText(1_000);
        assertTrue(text.add(Wire.json("{'start':1,'end':10}")));
        assertTrue(text.add(Wire.json("'é'")));
        assertTrue(text.add(Wire.json("null")));
        assertEquals("[{\"start\":1,\"end\":10},\"é\",null]", utf8(text.end()));
    }

    @Test
    void noEntriesAreAnEmptyArray() throws IOException {
        assertEquals("[]", utf8(new JsonArrayText(2).end()));
    }

    @Test
    void anEntryThatMakesTheArrayTooLargeIsDropped() throws IOException, ProtocolException {
        JsonArrayText text = new JsonArrayText("[100,\"é\"]".length() + 1);
        assertTrue(text.add(Wire.json("100")));
        assertTrue(text.add(Wire.json("'é'")), "exactly as large as it may be: é has two bytes");
        assertFalse(text.add(Wire.json("1")));
        assertEquals("[100,\"é\"]", utf8(text.end()));
    }

    @Test
    void entriesThatFillMoreThanTheWritersBufferAreCutTheSameWay() throws IOException, ProtocolException {
        JsonArrayText text = new JsonArrayText(100_000);
        String entry = "\"" + "x".repeat(9_997) + "\"";
        int entries = 0;
        while (text.add(Wire.json(entry.replace('"', '\'')))) {
            entries++;
        }
        assertEquals(9, entries);
        assertEquals("[" + (entry + ",").repeat(8) + entry + "]", utf8(text.end()));
    }
}
