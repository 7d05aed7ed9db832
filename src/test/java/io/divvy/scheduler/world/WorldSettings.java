package io.divvy.scheduler.world;

import io.divvy.scheduler.Limits;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What a world is like from its first to its last moment.
 *
 * @param commitsAtOnce whether the store does, and never fails
 * @param savesProgress whether the store is given more than beginnings and ends. If not, the server does not die either
 * @param mostWorkers that live at once
 * @param mostSubtasks of a large task; a chunk holds 1,024
 */
record WorldSettings(
        boolean commitsAtOnce,
        boolean savesProgress,
        int mostWorkers,
        int mostSubtasks,
        int mostStepMs,
        Limits limits) {

    /** About what a small task takes in memory. */
    private static final long TASK_BYTES = 4_000;

    /** Whether the store of a world commits at once or is slow and fails. */
    enum Store {
        COMMITS_AT_ONCE,
        IS_SLOW_AND_FAILS;

        /** Every other world has this one. */
        static Store of(long seed) {
            return values()[Math.floorMod(seed, values().length)];
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    static WorldSettings of(Store store, SplittableRandom random) {
        boolean commitsAtOnce = store == Store.COMMITS_AT_ONCE;
        return new WorldSettings(
                commitsAtOnce,
                !commitsAtOnce || random.nextInt(3) > 0,
                2 + random.nextInt(6),
                random.nextBoolean() ? 60 : 4_000,
                20 << random.nextInt(6),
                limits(random));
    }

    /** Small enough that they are reached. */
    private static Limits limits(SplittableRandom random) {
        long buffered = 1 + random.nextInt(2_000);
        return Limits.DEFAULT.with(draft -> {
            draft.openTasks = 3 + random.nextInt(4);
            draft.openTaskBytes = TASK_BYTES * (2 + random.nextInt(5));
            draft.waitingRetries = 1 + random.nextInt(200);
            draft.failedRanges = 1 + random.nextInt(200);
            draft.gapsPerLease = 1 + random.nextInt(10);
            draft.gapsPerChunk = 2 + random.nextInt(10); // All done without a gap is one part already.
            draft.bufferedResultBytes = buffered;
            // In some worlds so little that tasks outgrow it.
            draft.earlyResultBytes = buffered % 4 == 0 ? 2_000 + buffered : Long.MAX_VALUE;
            if (buffered % 3 == 0) {
                draft.subtaskBytes = 1_000 + 10 * buffered;
            }
            if (random.nextBoolean()) {
                draft.workerBytes = 1 + random.nextInt(20_000);
            }
            draft.expiredLeases = 1 + random.nextInt(20);
            draft.deathsUntilPoison = 1 + random.nextInt(4);
            draft.unsavedResultBytes = 1 + random.nextInt(100_000);
            draft.holdOffMs = random.nextInt(2_000);
            draft.longestStarvationMs = 1_000L << random.nextInt(8);
        });
    }
}
