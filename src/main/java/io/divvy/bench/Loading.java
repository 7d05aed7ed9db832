package io.divvy.bench;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Loads something with subtasks of {@link SquareRange}, in rounds of about a second once it is warm, and checks the sums. */
final class Loading {
    private static final double ROUND_SECONDS = 0.8;
    private static final double QUICK_ROUND_SECONDS = 0.1;
    private static final int WARM_UP_ROUNDS = 3;
    /** More of them, at most, until the compilers are done. */
    private static final int SETTLING_ROUNDS = 10;
    /** The part of a processor that compilers may take by then. */
    private static final double COMPILERS = 0.05;

    private static final int FIRST_SUBTASKS = 2_000;
    /** Of one round, whoever is measured: some peers keep all of it in memory. */
    private static final int MOST_SUBTASKS = 2_000_000;

    private final String name;
    private final Round round;

    /** Has that many subtasks done and returns the sum of their answers. */
    @FunctionalInterface
    interface Round {
        long sum(int subtasks) throws Exception;
    }

    /** @param name of what is loaded and how, for errors */
    Loading(String name, Round round) {
        this.name = name;
        this.round = round;
    }

    /** Warms it up. Returns how many subtasks take about a second then. */
    int warmUp(boolean quick) throws Exception {
        double roundSeconds = quick ? QUICK_ROUND_SECONDS : ROUND_SECONDS;
        int count = FIRST_SUBTASKS;
        double leftSeconds = WARM_UP_ROUNDS * roundSeconds;
        while (leftSeconds > 0) {
            double speed = speed(count);
            leftSeconds -= count / speed;
            count = (int) Math.min(MOST_SUBTASKS, Math.max(FIRST_SUBTASKS, speed * roundSeconds));
        }
        return count;
    }

    /**
     * Goes on until the compilers of a server have next to nothing to do. Until then they take as much of the machine as the
     * server itself, for a time that depends on how much code there is, and hardly on how fast it is.
     *
     * @param probe of the server, or null if its process cannot be looked into
     */
    void settle(@Nullable ServerProbe probe, int count) throws Exception {
        for (int round = 0; probe != null && round < SETTLING_ROUNDS; round++) {
            Duration before = probe.compilerTime();
            double seconds = count / speed(count);
            if (probe.compilerTime().minus(before).toMillis() < 1_000 * COMPILERS * seconds) {
                return;
            }
        }
    }

    /** Does that many subtasks. Returns how many a second. */
    double speed(int subtasks) throws Exception {
        long startNanos = System.nanoTime();
        long sum = round.sum(subtasks);
        double speed = subtasks / Rounds.seconds(startNanos);
        if (sum != SquareRange.sumOfAll(subtasks)) {
            throw new IOException(name + ": the sum is wrong: " + sum);
        }
        return speed;
    }
}
