package io.divvy.recording;

import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;

/**
 * With what a scheduler was made, and when its recording began. Made by {@link #of}, by name.
 *
 * @param version of the program that recorded it, for people
 * @param startMs the time of the core that the times of the turns count from, in milliseconds since the epoch
 * @param savesProgress see {@link Scheduler}, as for {@code seed}
 */
public record RecordingHeader(
        String version, long startMs, boolean savesProgress, long seed, Limits limits, RetryPolicy retryPolicy) {

    /** Of a scheduler with the usual limits that saves no progress, with the seed 0, unless it says otherwise. */
    public static Builder of(String version, long startMs) {
        return new Builder(version, startMs);
    }

    /** A scheduler as that one was when it had heard nothing. */
    public Scheduler newScheduler() {
        return new Scheduler(limits, retryPolicy, savesProgress, seed);
    }

    /** With what a scheduler was made, by name. */
    public static final class Builder {
        private final String version;
        private final long startMs;
        private boolean savesProgress;
        private long seed;
        private Limits limits = Limits.DEFAULT;
        private RetryPolicy retryPolicy = RetryPolicy.DEFAULT;

        private Builder(String version, long startMs) {
            this.version = version;
            this.startMs = startMs;
        }

        public Builder savesProgress(boolean saves) {
            this.savesProgress = saves;
            return this;
        }

        public Builder seed(long number) {
            this.seed = number;
            return this;
        }

        public Builder limits(Limits other) {
            this.limits = other;
            return this;
        }

        public Builder retryPolicy(RetryPolicy other) {
            this.retryPolicy = other;
            return this;
        }

        public RecordingHeader build() {
            return new RecordingHeader(version, startMs, savesProgress, seed, limits, retryPolicy);
        }
    }
}
