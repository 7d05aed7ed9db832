package io.divvy.scheduler.world;

import java.util.SplittableRandom;

/**
 * One thing that goes on in the world beside what follows from those before. It does not say whom it befalls: that is picked
 * with {@code salt} among those that are there, so that a story still makes sense when steps before it are left out.
 *
 * @param number its place in the story, from 0
 * @param afterMs the time since the step before it
 */
record Step(int number, long afterMs, Kind kind, long salt) {

    enum Kind {
        SUBMIT(14),
        SUBMIT_AGAIN(3),
        DELETE(2),
        CANCEL(3),
        WATCH(4),
        ATTACH(3),
        STATUS(3),
        FLOOD(1),
        BREAK_TASK(1),
        CUT_SENDER(6),
        SHUT_SENDER(1),
        KILL_SENDER(1),
        LIE_OF_SENDER(2),
        START_WORKER(10),
        KILL_WORKER(4),
        CUT_CONNECTION(5),
        FORGET_CONNECTION(2),
        CRASH_WORKER(4),
        STALL_CONNECTION(4),
        HANG_WORKER(4),
        DRAIN_WORKER(1),
        ASK_TO_DRAIN(1),
        DECLINE(2),
        FAIL_SUBTASK(12),
        FAIL_FOR_GOOD(1),
        ANSWER_TWICE(6),
        LIE(10),
        SLOW_STORE(2),
        FAIL_STORE(1),
        RECOVER_STORE(3),
        PAUSE_SERVER(1),
        CRASH_SERVER(1),
        SLOW_COMPUTING(2),
        FAST_COMPUTING(3),
        CLOCK_FORWARD(1),
        CLOCK_BACK(1),
        PATCH(6),
        RERUN(2),
        NOTHING(12);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    private static final Kind[] KINDS = Kind.values();
    private static final int WEIGHTS = weights();

    private static int weights() {
        int sum = 0;
        for (Kind kind : KINDS) {
            sum += kind.weight;
        }
        return sum;
    }

    /** The step of that number in the story of a seed. */
    static Step of(long seed, int number, int mostMs) {
        SplittableRandom random = new SplittableRandom(World.mix(seed + number * 0x9E3779B97F4A7C15L));
        long afterMs = random.nextInt(mostMs);
        int pick = random.nextInt(WEIGHTS);
        for (Kind kind : KINDS) {
            pick -= kind.weight;
            if (pick < 0) {
                return new Step(number, afterMs, kind, random.nextLong());
            }
        }
        throw new IllegalStateException("the weights of the kinds add up to " + WEIGHTS);
    }
}
