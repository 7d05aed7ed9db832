package io.divvy.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "Grüße, 世界",
                "\ud83d\ude00",
                "a\ud800",
                "\udc00b",
                "\ud800\ud800\udc00",
                "\u0000",
                "x\u001ay"
            })
    void comesBackAsItWas(String text) {
        String stored = StoredText.escape(text);
        assertEquals(stored, new String(stored.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        assertEquals(-1, stored.indexOf('\u0000'));
        assertEquals(text, StoredText.unescape(stored));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "Grüße, 世界", "\ud83d\ude00"})
    void textThatADatabaseKeepsIsLeftAsItIs(String text) {
        assertEquals(text, StoredText.escape(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud801", "\u001ad800", "?"})
    void differentTextsStayDifferent(String other) {
        assertNotEquals(StoredText.escape("\ud800"), StoredText.escape(other));
    }
}
