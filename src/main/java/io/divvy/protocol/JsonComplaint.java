package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why a text is not JSON, for people. The parser speaks of its tokens, of its own settings and of its source. */
final class JsonComplaint {
    private record Wording(Pattern parsers, String ours) {
        static Wording of(String parsers, String ours) {
            return new Wording(Pattern.compile(parsers, Pattern.DOTALL), ours);
        }
    }

    private static final String CUT = "it ends in the middle of a value";

    /** A character, with its number or instead of it. */
    private static final String CHARACTER =
            "Unexpected character \\((?:'(.{1,2})' \\(code [^)]*\\)|\\(CTRL-CHAR, code \\d+\\))\\)(?: in numeric value)?: ";

    private static final List<Wording> ALL = List.of(
            Wording.of("Non-standard token '(-?\\+?(?:NaN|INF|Infinity))'.*", "$1 is no JSON number"),
            // The limits as the protocol's table calls them.
            Wording.of(
                    "Number value length \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*",
                    "a number has $1 digits; expected at most $2, the limit \"digits of one number\""),
            Wording.of(
                    "Document nesting depth \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*",
                    "it is nested $1 levels deep; expected at most $2, the limit \"JSON nesting\""),
            Wording.of("Unexpected end-of-input.*", CUT),
            Wording.of("Duplicate field '(.*)'", "the field \"$1\" is there twice"),
            Wording.of("Invalid UTF-8.*", "expected UTF-8"),
            Wording.of(CHARACTER + "maybe a \\(non-standard\\) comment.*", "expected no comments, which JSON has not"),
            Wording.of(CHARACTER + "was expecting double-quote.*", "expected a field name in double quotes, got $1"),
            Wording.of(CHARACTER + "was expecting a colon.*", "expected a colon behind a field name, got $1"),
            Wording.of(
                    CHARACTER + "was expecting comma to separate Object.*", "expected , or } behind a value, got $1"),
            Wording.of(CHARACTER + "was expecting comma to separate Array.*", "expected , or ] behind a value, got $1"),
            Wording.of(CHARACTER + "Decimal point not.*", "expected a digit behind the point, got $1"),
            Wording.of(CHARACTER + "Exponent indicator not.*", "expected a digit in the exponent, got $1"),
            Wording.of(CHARACTER + "expected digit.*", "expected a digit behind the minus sign, got $1"),
            Wording.of(CHARACTER + "Expected space.*", "expected nothing behind the number, got $1"),
            Wording.of(CHARACTER + "expected a hex-digit.*", "expected four hex digits behind \\\\u, got $1"),
            Wording.of(CHARACTER + ".*", "expected a value, got $1"),
            Wording.of("Unrecognized token '(.*)': .*", "expected a value, got $1"),
            Wording.of("Unrecognized character escape '(.)'.*", "\\\\$1 is no escape of JSON"),
            Wording.of("Unrecognized character escape.*", "expected an escape of JSON behind the backslash"),
            Wording.of("Unexpected close marker '(.)': expected '(.)'.*", "expected $2, got $1"),
            Wording.of("Unexpected close marker '(.)'.*", "nothing is open that $1 could close"),
            Wording.of("Invalid numeric value: Leading zeroes.*", "a number begins with a 0 too many"),
            Wording.of(
                    "Illegal unquoted character.*",
                    "expected an escape, as \\\\n, for a control character in a string"),
            Wording.of("Illegal character.*", "expected no control characters between values"));

    private JsonComplaint() {}

    static String of(JsonProcessingException cause) {
        if (cause instanceof JsonEOFException) {
            return CUT;
        }
        String message = String.valueOf(cause.getOriginalMessage());
        for (Wording wording : ALL) {
            Matcher parsers = wording.parsers.matcher(message);
            if (parsers.matches()) {
                boolean hasNone = parsers.groupCount() > 0 && parsers.group(1) == null;
                String ours = hasNone ? wording.ours.replace("$1", "a control character") : wording.ours;
                return parsers.replaceFirst(ours);
            }
        }
        return message;
    }
}
