package io.divvy.scheduler;

import java.util.SplittableRandom;

/** How long failed subtasks wait for their next attempt, with jitter that a seed decides. */
final class Backoff {
    private final RetryPolicy policy;
    private final SplittableRandom random;

    Backoff(RetryPolicy policy, long seed) {
        this.policy = policy;
        this.random = new SplittableRandom(seed);
    }

    long delayMs(int failedAttempts) {
        return policy.delayMs(failedAttempts, random);
    }
}
