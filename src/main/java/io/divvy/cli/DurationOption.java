package io.divvy.cli;

import io.divvy.protocol.TaskObject;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations such as {@code 90s}, {@code 15m}, {@code 12h} and {@code 7d}. */
final class DurationOption implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smhd])");

    @Override
    public Duration convert(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "expected a number with s, m, h or d behind it, for instance 90s, 15m, 12h or 7d, got \"" + text
                            + "\"");
        }
        long number = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** As it would be given, in the largest unit that says it exactly; the API knows milliseconds, too. */
    static String text(long ms) {
        Duration duration = Duration.ofMillis(ms);
        if (duration.toMillisPart() > 0) {
            return ms + "ms";
        }
        if (duration.toSecondsPart() > 0) {
            return duration.toSeconds() + "s";
        }
        if (duration.toMinutesPart() > 0) {
            return duration.toMinutes() + "m";
        }
        return duration.toHoursPart() > 0 ? duration.toHours() + "h" : duration.toDays() + "d";
    }

    /** Reads those that are more than nothing. */
    static final class NotZero implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Duration duration = new DurationOption().convert(text);
            if (duration.isZero()) {
                throw new TypeConversionException("expected at least 1s, got \"" + text + "\"");
            }
            return duration;
        }
    }

    /** Reads those that a task may take. Here and not at the server, which would say it in milliseconds. */
    static final class Timeout implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Duration duration = new NotZero().convert(text);
            Duration atMost = Duration.ofMillis(TaskObject.MAX_TIMEOUT_MS);
            if (duration.compareTo(atMost) > 0) {
                throw new TypeConversionException("expected at most " + atMost.toDays() + "d, got \"" + text + "\"");
            }
            return duration;
        }
    }
}
