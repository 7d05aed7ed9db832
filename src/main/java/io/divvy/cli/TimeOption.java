package io.divvy.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time, such as {@code 2026-11-24T08:00:00Z}, or how long it is until then, such as {@code 10m}. */
final class TimeOption implements ITypeConverter<Instant> {
    private static final DurationOption DURATION = new DurationOption();

    @Override
    public Instant convert(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            // Then it is a duration, or wrong.
        }
        try {
            return Instant.now().plus(DURATION.convert(text)).truncatedTo(ChronoUnit.MILLIS);
        } catch (TypeConversionException | DateTimeException e) {
            throw new TypeConversionException(
                    "expected how long it is until then, for instance 10m or 12h, or a time of RFC 3339, for instance"
                            + " 2026-11-24T08:00:00Z, got \"" + text + "\"");
        }
    }
}
