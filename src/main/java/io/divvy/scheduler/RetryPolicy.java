package io.divvy.scheduler;

import java.util.SplittableRandom;

/**
 * How long a failed subtask waits before its next attempt: exponential backoff with "equal jitter" (half of the delay is
 * fixed, half is random), so that subtasks that failed together do not come back together. See "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015.
 *
 * @param baseMs the longest delay after the first failure
 * @param maxMs the longest delay after any failure
 */
public record RetryPolicy(long baseMs, long maxMs) {
    public static final RetryPolicy DEFAULT = new RetryPolicy(200, 30_000);

    public RetryPolicy {
        if (baseMs < 1 || maxMs < baseMs) {
            throw new IllegalArgumentException("need 1 <= baseMs <= maxMs, got " + baseMs + " and " + maxMs);
        }
    }

    /** The delay before attempt {@code attempts + 1}, in milliseconds. */
    long delayMs(int attempts, SplittableRandom random) {
        int doublings = Math.min(attempts - 1, Long.numberOfLeadingZeros(baseMs) - 2);
        long longestMs = Math.min(maxMs, baseMs << doublings);
        return longestMs - random.nextLong(longestMs / 2 + 1);
    }
}
