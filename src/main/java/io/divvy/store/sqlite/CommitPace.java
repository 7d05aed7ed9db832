package io.divvy.store.sqlite;

import java.util.concurrent.TimeUnit;

/**
 * Lets commits gather company when there are many of them. Up to a rate each goes at once; above it they are spread evenly,
 * and each takes all that came meanwhile. A few more may come at once after a quiet while.
 */
final class CommitPace {
    private final long intervalNs;
    private final long burstNs;
    /** When the next commit were due if all came evenly. */
    private long dueNs;

    CommitPace(int commitsPerSecond, int burst, long nowNs) {
        this.intervalNs = TimeUnit.SECONDS.toNanos(1) / commitsPerSecond;
        this.burstNs = intervalNs * burst;
        this.dueNs = nowNs - burstNs;
    }

    /** How long a commit should wait for company. */
    long waitNs(long nowNs) {
        return Math.max(0, dueNs - nowNs);
    }

    void committed(long nowNs) {
        dueNs = Math.max(dueNs, nowNs - burstNs) + intervalNs;
    }
}
