package io.divvy.bench;

import java.io.IOException;

/** Loads something with subtasks of {@link SquareRange}, in rounds of about a second once it is warm, and checks the sums. */
final class Loading {
    private static final double ROUND_SECONDS = 0.8;
    private static final double QUICK_ROUND_SECONDS = 0.1;
    private static final int WARM_UP_ROUNDS = 3;
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
