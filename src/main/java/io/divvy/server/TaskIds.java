package io.divvy.server;

import java.security.SecureRandom;
import java.util.Random;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Makes the identities of tasks: time-ordered UUIDs (version 7, RFC 9562, section 5.7). A later task has a greater id, to the
 * millisecond.
 *
 * <p>No two are the same, whatever server makes them, and whatever its clock shows: 74 bits come from the operating system's
 * source of randomness. A hundred servers that each make a million ids in the same millisecond make one twice with a chance
 * of one in four million.
 */
final class TaskIds {
    private static final Pattern FORM =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    /** Of the random part at the end: the first digits are time, which tasks of one day share. */
    private static final Pattern END = Pattern.compile("[0-9a-f]{8,12}|[0-9a-f-]{0,22}-[0-9a-f]{12}");

    private static final int RANDOM_BITS_HIGH = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final LongSupplier nowMs;
    private final Random random;

    TaskIds(LongSupplier nowMs) {
        this(nowMs, new SecureRandom());
    }

    /** Of no use for a server: whoever knows the source knows the ids. */
    TaskIds(LongSupplier nowMs, Random random) {
        this.nowMs = nowMs;
        this.random = random;
    }

    /** Whether it looks like an id from here. */
    static boolean isId(String text) {
        return FORM.matcher(text).matches();
    }

    /** Whether an id from here may end like this, which is long enough to tell one task from another. */
    static boolean isEndOfId(String text) {
        return END.matcher(text).matches();
    }

    String next() {
        long high = nowMs.getAsLong() << 16 | VERSION_7 | random.nextInt(1 << RANDOM_BITS_HIGH);
        long low = VARIANT | random.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }
}
