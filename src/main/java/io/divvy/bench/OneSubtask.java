package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.HdrHistogram.Histogram;

/** How long a sender waits for a task of one subtask, beside bytes that go the same four ways and are not looked at. */
final class OneSubtask implements Shape {
    private static final int WARM_UP = 10_000;
    private static final int TASKS = 50_000;
    private static final String SUBMIT =
            "{\"type\":\"submit\",\"task\":{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":10},\"subtasks\":1}}";

    private interface Exchange {
        void run() throws IOException;
    }

    @Override
    public String name() {
        return "one-subtask";
    }

    @Override
    public String description() {
        return "a task of one subtask, one after the other, from submit to result; beside a bare Selector that passes on as"
                + " many messages";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        try (Bench.Started echo = bench.launcher().reference(Reference.ECHO);
                Crew crew = new Crew()) {
            RawConnection echoSender = startEcho(crew, echo.address());
            RawWorker.join(crew, server.address(), 1, RawWorker.Terms.of(1));
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");

            Exchange reference = () -> {
                echoSender.sendFrame(SUBMIT);
                echoSender.readFrame();
            };
            Exchange task = () -> {
                sender.sendFrame(SUBMIT);
                DivvyTask.requireSquaresOfTen(DivvyTask.awaitEnd(sender));
            };
            measure(reference, bench.scaled(WARM_UP));
            measure(task, bench.scaled(WARM_UP));
            if (!bench.isQuick()) {
                Compilers.warmUp(server.probe(), () -> measure(task, WARM_UP));
            }
            int rounds = bench.rounds();
            BesideEcho median = new BesideEcho(50, rounds);
            BesideEcho slow = new BesideEcho(99, rounds);
            Histogram all = new Histogram(3);
            ServerUse use = new ServerUse(server.probe());
            for (int round = 0; round < rounds; round++) {
                Histogram echoed = measure(reference, bench.scaled(TASKS));
                use.begin();
                Histogram done = measure(task, bench.scaled(TASKS));
                use.end(bench.scaled(TASKS));
                all.add(done);
                median.compare(round, done, echoed);
                slow.compare(round, done, echoed);
            }
            return Measurement.of(name(), 1e9 / all.getMean(), "tasks/s")
                    .withLatency(all)
                    .withServerUse(use.median())
                    .withComparisons(
                            Comparison.paired(
                                    "p50 of a bare Selector, µs",
                                    Rounds.median(median.references),
                                    Rounds.median(median.ratios),
                                    Target.atMost(1.3)),
                            Comparison.paired(
                                    "p99 of a bare Selector, µs",
                                    Rounds.median(slow.references),
                                    Rounds.median(slow.ratios),
                                    Target.atMost(3)));
        }
    }

    /** A percentile of the latency of tasks, and of the echo beside them, in each round. */
    private static final class BesideEcho {
        private final double percentile;
        private final double[] ratios;
        /** In microseconds. */
        private final double[] references;

        BesideEcho(double percentile, int rounds) {
            this.percentile = percentile;
            this.ratios = new double[rounds];
            this.references = new double[rounds];
        }

        void compare(int round, Histogram done, Histogram echoed) {
            double reference = echoed.getValueAtPercentile(percentile);
            ratios[round] = done.getValueAtPercentile(percentile) / reference;
            references[round] = reference / 1e3;
        }
    }

    private static RawConnection startEcho(Crew crew, InetSocketAddress echo) throws IOException {
        RawConnection worker = crew.connect(echo);
        RawConnection sender = crew.connect(echo);
        crew.start("echo", () -> {
            while (true) {
                worker.sendFrame(worker.readFrame());
            }
        });
        return sender;
    }

    private static Histogram measure(Exchange exchange, int count) throws IOException {
        Histogram nanos = new Histogram(3);
        for (int i = 0; i < count; i++) {
            long startNanos = System.nanoTime();
            exchange.run();
            nanos.recordValue(System.nanoTime() - startNanos);
        }
        return nanos;
    }
}
