package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.io.IOException;
import java.math.BigInteger;

/** The shipped worker with a type that it derives and folds: a subtask for each number, and hardly a message. */
final class Folded implements Shape {
    private static final long NUMBERS = 10_000_000_000L;
    private static final long WARM_UP_NUMBERS = 500_000_000;
    private static final int QUICK_SHARE = 20;
    private static final int ROUNDS = 3;

    @Override
    public String name() {
        return "folded";
    }

    @Override
    public String description() {
        return "the shipped worker, the sum of the squares of 10^10 numbers, a subtask each; beside a bare loop on as many"
                + " threads";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        long numbers = bench.isQuick() ? NUMBERS / QUICK_SHARE : NUMBERS;
        int rounds = bench.isQuick() ? 1 : ROUNDS;
        try (Bench.Child worker = bench.launcher().worker(server.address(), "bench", threads);
                Crew crew = new Crew()) {
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            bare(WARM_UP_NUMBERS, threads);
            divvy(sender, WARM_UP_NUMBERS);
            double[] seconds = new double[rounds];
            double[] references = new double[rounds];
            double[] ratios = new double[rounds];
            ServerUse use = new ServerUse(server.probe());
            for (int round = 0; round < rounds; round++) {
                references[round] = bare(numbers, threads);
                use.begin();
                seconds[round] = divvy(sender, numbers);
                use.end(numbers);
                ratios[round] = seconds[round] / references[round];
            }
            return Measurement.of(name(), numbers / Rounds.median(seconds), "subtasks/s")
                    .withServerUse(use.median())
                    .withComparisons(Comparison.paired(
                            "a bare loop on " + threads + " threads, s",
                            Rounds.median(references),
                            Rounds.median(ratios),
                            Target.atMost(1.15)));
        }
    }

    /** Seconds. */
    private static double bare(long numbers, int threads) throws Exception {
        long startNanos = System.nanoTime();
        require(BareLoop.sum(numbers, threads), numbers);
        return Rounds.seconds(startNanos);
    }

    /** Seconds. */
    private static double divvy(RawConnection sender, long numbers) throws IOException {
        long startNanos = System.nanoTime();
        sender.sendFrame("{\"type\":\"submit\",\"task\":{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":"
                + numbers + "},\"subtasks\":" + numbers + "}}");
        String end = DivvyTask.awaitEnd(sender);
        double seconds = Rounds.seconds(startNanos);
        require(DivvyTask.result(end), numbers);
        return seconds;
    }

    private static void require(BigInteger sum, long numbers) throws IOException {
        if (!sum.equals(BareLoop.formula(numbers))) {
            throw new IOException("the sum of the squares of " + numbers + " numbers is wrong: " + sum);
        }
    }
}
