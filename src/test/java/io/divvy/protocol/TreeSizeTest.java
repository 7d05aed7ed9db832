package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A string keeps one byte for each character, or two for each as soon as one of them needs that. */
class TreeSizeTest {
    private static long charBytes(String text) {
        return TreeSize.of(new TextNode(text)) - TreeSize.of(new TextNode(""));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32, 33, 4_096, 4_097, 100_000})
    void oneCharacterThatNeedsTwoBytesMakesAllOfThemDoSoWhereverItIs(int length) {
        assertEquals(length, charBytes("w".repeat(length)), "ASCII");
        assertEquals(length, charBytes("\u00ff".repeat(length)), "Latin-1, which has two bytes each in UTF-8");
        String all = "w".repeat(length);
        for (int at : new int[] {0, length / 2, length - 1}) {
            String mixed = all.substring(0, at) + "\u0100" + all.substring(at + 1);
            assertEquals(2L * length, charBytes(mixed), "at " + at);
        }
    }
}
