package io.divvy.server;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.function.LongSupplier;

/** Makes time-ordered UUIDs (version 7, RFC 9562, section 5.7): a later task has a greater id, to the millisecond. */
final class TaskIds {
    private static final int RANDOM_BITS_HIGH = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final LongSupplier nowMs;
    private final SecureRandom random = new SecureRandom();

    TaskIds(LongSupplier nowMs) {
        this.nowMs = nowMs;
    }

    String next() {
        long high = nowMs.getAsLong() << 16 | VERSION_7 | random.nextInt(1 << RANDOM_BITS_HIGH);
        long low = VARIANT | random.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }
}
