package io.divvy.protocol;

import io.divvy.protocol.FromWorker.Result;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code result} as nearly all workers write it: its four fields in the order of the protocol page, the results whole
 * numbers of up to 18 digits. Of anything else it makes nothing, and the parser has the word: what is valid is decided there
 * alone. A lease of quick subtasks costs little but these messages, and this is several times cheaper than a parser.
 */
final class ResultScanner {
    private static final byte[] TYPE = "\"type\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESULT = "\"result\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LEASE = "\"lease\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FROM = "\"from\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESULTS = "\"results\"".getBytes(StandardCharsets.US_ASCII);
    /** They always fit into a {@code long}. */
    private static final int MOST_DIGITS = 18;
    /** No number of so few digits. */
    private static final long NO_NUMBER = Long.MIN_VALUE;

    private static final int SECOND_CAPACITY = 64;

    private final byte[] bytes;
    private final int end;
    private int at;

    private ResultScanner(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    /** The message, or null if it is another one, or the same in other words. */
    static @Nullable Result scan(byte[] bytes, int offset, int length) {
        return new ResultScanner(bytes, offset, length).result();
    }

    private @Nullable Result result() {
        if (!take('{') || !take(TYPE) || !take(':') || !take(RESULT) || !take(',')) {
            return null;
        }
        long lease = field(LEASE);
        long from = lease < 0 ? NO_NUMBER : field(FROM);
        if (from < 0 || !take(RESULTS) || !take(':') || !take('[')) {
            return null;
        }
        long[] values = numbers();
        if (values == null || !take('}')) {
            return null;
        }
        skipSpace();
        return at == end ? new Result(lease, from, new ResultValues.Longs(values)) : null;
    }

    /** A number that is not negative, with the comma behind it; negative if there is none. */
    private long field(byte[] name) {
        if (!take(name) || !take(':')) {
            return NO_NUMBER;
        }
        long number = number();
        return number > ProtocolLimits.MAX_EXACT_NUMBER || !take(',') ? NO_NUMBER : number;
    }

    /** At least one, up to the end of the array. */
    private long @Nullable [] numbers() {
        long[] values = new long[1];
        int count = 0;
        do {
            long number = number();
            if (number == NO_NUMBER) {
                return null;
            }
            if (count == values.length) {
                values = Arrays.copyOf(values, Math.max(SECOND_CAPACITY, 2 * count));
            }
            values[count++] = number;
        } while (take(','));
        if (!take(']')) {
            return null;
        }
        return count == values.length ? values : Arrays.copyOf(values, count);
    }

    private long number() {
        skipSpace();
        boolean negative = at < end && bytes[at] == '-';
        if (negative) {
            at++;
        }
        int first = at;
        long number = 0;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            number = 10 * number + (bytes[at] - '0');
            at++;
        }
        int digits = at - first;
        // A leading zero is no JSON, and of a negative zero the parser may think as it likes.
        if (digits == 0 || digits > MOST_DIGITS || bytes[first] == '0' && (digits > 1 || negative)) {
            return NO_NUMBER;
        }
        return negative ? -number : number;
    }

    private boolean take(char expected) {
        skipSpace();
        if (at < end && bytes[at] == expected) {
            at++;
            return true;
        }
        return false;
    }

    private boolean take(byte[] expected) {
        skipSpace();
        if (end - at < expected.length
                || !Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length)) {
            return false;
        }
        at += expected.length;
        return true;
    }

    private void skipSpace() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }
}
