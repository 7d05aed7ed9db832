package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RateTest {
    private static String after(long... secondsAndCounts) {
        Rate rate = new Rate();
        for (int i = 0; i < secondsAndCounts.length; i += 2) {
            rate.add(TimeUnit.SECONDS.toNanos(secondsAndCounts[i]), secondsAndCounts[i + 1]);
        }
        return rate.text();
    }

    @Test
    void nothingIsKnownAtFirst() {
        assertEquals("0.0/s", after());
        assertEquals("0.0/s", after(1, 100));
    }

    @Test
    void itIsWhatWasCountedInTheTimeThatPassed() {
        assertEquals("1,250/s", after(0, 0, 2, 2500));
        assertEquals("0.5/s", after(0, 0, 2, 1));
    }

    @Test
    void whatIsLongAgoDoesNotCount() {
        assertEquals("0.0/s", after(0, 0, 1, 1000, 15, 1000, 20, 1000, 28, 1000));
    }

    @Test
    void aCountThatStartsAnewIsNoNegativeRate() {
        assertEquals("0.0/s", after(0, 100, 1, 0));
    }
}
