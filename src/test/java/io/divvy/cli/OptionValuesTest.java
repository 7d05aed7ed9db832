package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Values of options that are more than a number. */
class OptionValuesTest {
    @ParameterizedTest
    @CsvSource({"90s, 90", "15m, 900", "12h, 43200", "7d, 604800", "0s, 0"})
    void durationsHaveAUnit(String text, long seconds) {
        assertEquals(Duration.ofSeconds(seconds), new DurationOption().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "d", "7 d", "7w", "-1d", "1.5h", "7D"})
    void aDurationThatIsNoneIsSaidToBe(String text) {
        String message = assertThrows(TypeConversionException.class, () -> new DurationOption().convert(text))
                .getMessage();
        assertTrue(message.contains("for instance 90s, 15m, 12h or 7d"), message);
        assertTrue(message.endsWith("got \"" + text + "\""), message);
    }

    @Test
    void nothingIsNoDurationWhereItMakesNoSense() {
        assertEquals(Duration.ZERO, new DurationOption().convert("0s"));
        TypeConversionException refusal =
                assertThrows(TypeConversionException.class, () -> new DurationOption.NotZero().convert("0h"));
        assertEquals("expected at least 1s, got \"0h\"", refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "90000, 90s",
        "60000, 1m",
        "5400000, 90m",
        "7200000, 2h",
        "129600000, 36h",
        "172800000, 2d",
        "1500, 1500ms"
    })
    void aDurationIsSaidAsItWouldBeGiven(long ms, String text) {
        assertEquals(text, DurationOption.text(ms));
    }

    @Test
    void aTimeIsOneOrHowLongItIsUntilThen() {
        assertEquals(Instant.parse("2026-11-24T07:00:00Z"), new TimeOption().convert("2026-11-24T08:00:00+01:00"));
        Instant before = Instant.now();
        Instant later = new TimeOption().convert("10m");
        assertTrue(!later.isBefore(before.plusSeconds(599)), later::toString);
        assertTrue(!later.isAfter(Instant.now().plusSeconds(600)), later::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "tomorrow", "2026-11-24", "2026-11-24T08:00:00", "2026-02-31T08:00:00Z"})
    void aTimeThatIsNoneIsSaidToBe(String text) {
        String message = assertThrows(TypeConversionException.class, () -> new TimeOption().convert(text))
                .getMessage();
        assertTrue(message.contains("for instance 10m or 12h"), message);
        assertTrue(message.endsWith("got \"" + text + "\""), message);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1000, 1000", "64KiB, 65536", "64MiB, 67108864", "2GiB, 2147483648"})
    void sizesMayHaveAUnit(String text, long bytes) {
        assertEquals(bytes, new SizeOption().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64MB", "64M", "MiB", "-1", "1.5GiB", "64 MiB", "99999999999"})
    void aSizeThatIsNoneIsSaidToBe(String text) {
        String message = assertThrows(TypeConversionException.class, () -> new SizeOption().convert(text))
                .getMessage();
        assertTrue(message.contains("for instance 64MiB"), message);
    }
}
