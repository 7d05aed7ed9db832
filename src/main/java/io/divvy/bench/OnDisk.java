package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import io.divvy.bench.RawWorker.Answering;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/** What it costs that nothing is lost: the same task on a server that keeps all on disk and on one that forgets. */
final class OnDisk implements Shape {
    private static final int SUBTASKS = 1_000_000;
    private static final int WORKERS = 4;
    private static final int WINDOW = 64;

    @Override
    public String name() {
        return "on-disk";
    }

    @Override
    public String description() {
        return "4 workers, credit 64, tasks kept on disk; beside a server that keeps them in memory";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        int count = bench.scaled(SUBTASKS);
        try (Bench.Started disk = bench.launcher().server("1g", Bench.Keeping.ON_DISK);
                ServerProbe probe = ServerProbe.attach(disk.pid())) {
            ServerUnderTest durable = new ServerUnderTest(disk.address(), null, probe);
            ServerUse use = new ServerUse(probe);
            DivvyTask inMemory = new DivvyTask(server, Answering.BATCHED);
            DivvyTask onDisk = new DivvyTask(durable, Answering.BATCHED);
            run(inMemory, count, new Histogram(3));
            run(onDisk, count, new Histogram(3));
            if (!bench.isQuick()) {
                Compilers.warmUp(server.probe(), () -> run(inMemory, count, new Histogram(3)));
                Compilers.warmUp(probe, () -> run(onDisk, count, new Histogram(3)));
            }
            int rounds = bench.rounds();
            double[] speeds = new double[rounds];
            double[] references = new double[rounds];
            double[] ratios = new double[rounds];
            Histogram waitsNanos = new Histogram(3);
            for (int round = 0; round < rounds; round++) {
                references[round] = run(inMemory, count, new Histogram(3));
                use.begin();
                speeds[round] = run(onDisk, count, waitsNanos);
                use.end(count);
                ratios[round] = speeds[round] / references[round];
            }
            return Measurement.of(name(), Rounds.median(speeds), "subtasks/s")
                    .withLatency(waitsNanos)
                    .withServerUse(use.median())
                    .withComparisons(Comparison.paired(
                            "the same in memory",
                            Rounds.median(references),
                            Rounds.median(ratios),
                            Target.atLeast(0.8)));
        }
    }

    private double run(DivvyTask divvy, int count, Histogram waitsNanos) throws Exception {
        long startNanos = System.nanoTime();
        long sum = divvy.run(count, WORKERS, WINDOW, waitsNanos);
        double speed = count / Rounds.seconds(startNanos);
        if (sum != SquareRange.sumOfAll(count)) {
            throw new IOException(name() + ": the sum is wrong: " + sum);
        }
        return speed;
    }
}
