package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EvenPartsTest {
    @Test
    void evenPartsCoverTheTotalWithSizesThatDifferByOneAtMost() {
        for (long total = 0; total <= 40; total++) {
            for (long wanted = 1; wanted <= 50; wanted++) {
                EvenParts parts = EvenParts.of(total, wanted);
                assertEquals(Math.min(total, wanted), parts.count());
                assertEquals(0, parts.start(0));
                assertEquals(total, parts.start(parts.count()));
                for (long index = 0; index < parts.count(); index++) {
                    assertTrue(parts.size(index) >= 1);
                    assertTrue(parts.size(0) - parts.size(index) <= 1 && parts.size(0) >= parts.size(index));
                }
            }
        }
    }

    @Test
    void evenPartsOfTheLargestTotalDoNotOverflow() {
        EvenParts parts = EvenParts.of(Long.MAX_VALUE, 1_000_000_007);
        assertEquals(Long.MAX_VALUE, parts.start(parts.count()));
        assertEquals(Long.MAX_VALUE - parts.size(parts.count() - 1), parts.start(parts.count() - 1));
    }

    @Test
    void anEmptyTotalAndZeroPartsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new EvenParts(0, 1));
        assertThrows(IllegalArgumentException.class, () -> EvenParts.of(3, 0));
    }
}
