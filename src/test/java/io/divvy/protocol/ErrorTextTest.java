package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ErrorTextTest {
    @Test
    void ofWhatAWorkerSaysBesideItsMessageTheEndIsKept() {
        assertEquals("short", ErrorText.tail("short"));
        assertEquals("x".repeat(2_000), ErrorText.tail("x".repeat(2_000)));
        assertEquals("…" + "x".repeat(1_997) + "end", ErrorText.tail("begin" + "x".repeat(9_000) + "end"));
    }
}
