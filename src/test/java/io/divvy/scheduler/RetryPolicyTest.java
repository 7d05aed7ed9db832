package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How long a failed subtask waits. */
class RetryPolicyTest {
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void theLongestDelayDoublesUpToTheMaximumAndHalfOfItIsFixed() {
        RetryPolicy policy = new RetryPolicy(200, 30_000);
        long[] longestMs = {200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000};
        for (int attempts = 1; attempts <= longestMs.length; attempts++) {
            LongSummaryStatistics delays = delays(policy, attempts);
            long longest = longestMs[attempts - 1];
            assertTrue(delays.getMin() >= longest / 2 && delays.getMax() <= longest, delays::toString);
            // All of the range is used.
            assertTrue(delays.getMin() < longest * 0.52 && delays.getMax() > longest * 0.98, delays::toString);
        }
    }

    @Test
    void anyNumberOfAttemptsIsFine() {
        assertEquals(Long.MAX_VALUE / 2, new RetryPolicy(1, Long.MAX_VALUE / 2).maxMs());
        for (int attempts : new int[] {1, 62, 63, 64, 65, 1_000, Integer.MAX_VALUE}) {
            for (RetryPolicy policy : new RetryPolicy[] {
                new RetryPolicy(1, 1), new RetryPolicy(1, 1L << 50), new RetryPolicy(1L << 40, 1L << 50)
            }) {
                LongSummaryStatistics delays = delays(policy, attempts);
                assertTrue(delays.getMin() >= 0 && delays.getMax() <= policy.maxMs(), delays::toString);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameDelays() {
        RetryPolicy policy = RetryPolicy.DEFAULT;
        SplittableRandom one = new SplittableRandom(7);
        SplittableRandom other = new SplittableRandom(7);
        for (int attempts = 1; attempts < 20; attempts++) {
            assertEquals(policy.delayMs(attempts, one), policy.delayMs(attempts, other));
        }
    }

    @Test
    void aPolicyThatMakesNoSenseIsAMistake() {
        assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(0, 10));
        IllegalArgumentException mistake = assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(11, 10));
        assertEquals("need 1 <= baseMs <= maxMs, got 11 and 10", mistake.getMessage());
    }

    private LongSummaryStatistics delays(RetryPolicy policy, int attempts) {
        return LongStream.range(0, 1_000)
                .map(i -> policy.delayMs(attempts, random))
                .summaryStatistics();
    }
}
