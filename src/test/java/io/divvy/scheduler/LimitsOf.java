package io.divvy.scheduler;

/** The default limits with one of them set so low that a story reaches it. */
final class LimitsOf {
    private LimitsOf() {}

    /** Nobody is helped with what it holds, however long it takes. */
    static Limits noTailRules() {
        long neverMs = 1L << 40;
        Limits usual = Limits.DEFAULT;
        return new Limits(
                usual.openTasks(),
                usual.subtasksPerTask(),
                usual.waitingRetries(),
                usual.failedRanges(),
                usual.gapsPerLease(),
                usual.gapsPerChunk(),
                usual.bufferedResultBytes(),
                usual.expiredLeases(),
                usual.deathsUntilPoison(),
                usual.plainLeaseMs(),
                usual.missedHeartbeats(),
                usual.progressIntervalMs(),
                usual.busyMs(),
                neverMs,
                neverMs,
                usual.busyRetryMs());
    }

    static Limits openTasks(int most) {
        return limits(most, 100_000, 10_000, 1_024, 1_024, 64 << 20, 1_024);
    }

    static Limits waitingRetries(int most) {
        return limits(200_000, most, 10_000, 1_024, 1_024, 64 << 20, 1_024);
    }

    static Limits failedRanges(int most) {
        return limits(200_000, 100_000, most, 1_024, 1_024, 64 << 20, 1_024);
    }

    static Limits gapsPerLease(int most) {
        return limits(200_000, 100_000, 10_000, most, 1_024, 64 << 20, 1_024);
    }

    static Limits gapsPerChunk(int most) {
        return limits(200_000, 100_000, 10_000, 1_024, most, 64 << 20, 1_024);
    }

    static Limits bufferedResultBytes(long most) {
        return limits(200_000, 100_000, 10_000, 1_024, 1_024, most, 1_024);
    }

    static Limits expiredLeases(int most) {
        return limits(200_000, 100_000, 10_000, 1_024, 1_024, 64 << 20, most);
    }

    private static Limits limits(
            int openTasks,
            int waitingRetries,
            int failedRanges,
            int gapsPerLease,
            int gapsPerChunk,
            long bufferedResultBytes,
            int expiredLeases) {
        Limits usual = Limits.DEFAULT;
        return new Limits(
                openTasks,
                usual.subtasksPerTask(),
                waitingRetries,
                failedRanges,
                gapsPerLease,
                gapsPerChunk,
                bufferedResultBytes,
                expiredLeases,
                usual.deathsUntilPoison(),
                usual.plainLeaseMs(),
                usual.missedHeartbeats(),
                usual.progressIntervalMs(),
                usual.busyMs(),
                usual.tailCheckMs(),
                usual.tailSlowestCheckMs(),
                usual.busyRetryMs());
    }
}
