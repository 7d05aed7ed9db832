package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import io.divvy.bench.RawWorker.Answering;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
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
            RawWorker.join(crew, server.address(), 1, 1, "sum_of_squares", Answering.BATCHED, new Histogram(3));
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
            int rounds = bench.rounds();
            double[][] ratios = new double[2][rounds];
            double[][] references = new double[2][rounds];
            Histogram all = new Histogram(3);
            ServerUse use = new ServerUse(server.probe());
            for (int round = 0; round < rounds; round++) {
                Histogram echoed = measure(reference, bench.scaled(TASKS));
                use.begin();
                Histogram done = measure(task, bench.scaled(TASKS));
                use.end(bench.scaled(TASKS));
                all.add(done);
                compare(0, 50, round, done, echoed, ratios, references);
                compare(1, 99, round, done, echoed, ratios, references);
            }
            return new Measurement(
                    name(),
                    1e9 / all.getMean(),
                    "tasks/s",
                    all,
                    use.median(),
                    List.of(
                            Comparison.paired(
                                    "p50 of a bare Selector, µs",
                                    Rounds.median(references[0]),
                                    Rounds.median(ratios[0]),
                                    Target.atMost(1.3)),
                            Comparison.paired(
                                    "p99 of a bare Selector, µs",
                                    Rounds.median(references[1]),
                                    Rounds.median(ratios[1]),
                                    Target.atMost(3))));
        }
    }

    private static void compare(
            int row,
            double percentile,
            int round,
            Histogram done,
            Histogram echoed,
            double[][] ratios,
            double[][] references) {
        double reference = echoed.getValueAtPercentile(percentile);
        ratios[row][round] = done.getValueAtPercentile(percentile) / reference;
        references[row][round] = reference / 1e3;
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
