package io.divvy.rest;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of something that consists of bytes.
 *
 * @param from the first byte
 * @param to the byte behind the last one
 */
record ByteRange(long from, long to) {
    private static final Pattern SINGLE = Pattern.compile("bytes=([0-9]*)-([0-9]*)");
    /** More digits than that are more than any length has. */
    private static final int MOST_DIGITS = 18;

    long length() {
        return to - from;
    }

    boolean isEmpty() {
        return from == to;
    }

    /**
     * What a {@code Range} header asks for (RFC 9110, 14.1.2), of a body of this length. An empty range if there is nothing of it;
     * null for what is answered with the whole: several ranges, another unit, or what is no range at all.
     */
    static @Nullable ByteRange asked(String header, long length) {
        Matcher single = SINGLE.matcher(header.strip().toLowerCase(Locale.ROOT));
        if (length == 0 || !single.matches()) {
            return null;
        }
        String first = single.group(1);
        String last = single.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? null : new ByteRange(length - Math.min(number(last), length), length);
        }
        if (!last.isEmpty() && number(last) < number(first)) {
            return null;
        }
        long from = Math.min(number(first), length);
        return new ByteRange(from, last.isEmpty() ? length : Math.max(from, Math.min(number(last), length - 1) + 1));
    }

    private static long number(String digits) {
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > MOST_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
    }

    /** As {@code Content-Range} names it. */
    String of(long length) {
        return "bytes " + from + "-" + (to - 1) + "/" + length;
    }
}
