package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.io.IOException;
import java.math.BigInteger;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A task of 10^9 subtasks beside one of 10^6: what it takes of the server's heap when half of it is done. */
final class HugeTask implements Shape {
    private static final long SMALL = 1_000_000;
    private static final long HUGE = 1_000_000_000;
    private static final int CREDIT = 1_000_000;
    private static final double BYTES_PER_MEBIBYTE = 1 << 20;
    private static final long HALF_TIMEOUT_S = 60;

    @Override
    public String name() {
        return "huge-task";
    }

    @Override
    public String description() {
        return "the server's heap in the middle of a task of 10^9 subtasks, beside one of 10^6";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        ServerProbe probe = server.requireProbe();
        // What is loaded on first use must not count for the first one.
        liveHeapBytesHalfway(server, probe, SMALL);
        double small = liveHeapBytesHalfway(server, probe, SMALL) / BYTES_PER_MEBIBYTE;
        ServerUse use = new ServerUse(probe).begin();
        long startNanos = System.nanoTime();
        double huge = liveHeapBytesHalfway(server, probe, HUGE) / BYTES_PER_MEBIBYTE;
        return Measurement.of(name(), HUGE / Rounds.seconds(startNanos), "subtasks/s")
                .withServerUse(use.end(HUGE).median())
                .withComparisons(
                        new Comparison("heap, MiB more than with 10^6", Double.NaN, huge - small, Target.atMost(10)));
    }

    private static long liveHeapBytesHalfway(ServerUnderTest server, ServerProbe probe, long subtasks)
            throws Exception {
        try (Crew crew = new Crew()) {
            RawConnection connection = crew.connect(server.address());
            connection.sendFrame("{\"type\":\"worker\",\"protocol\":2,\"name\":\"bench\",\"credit\":" + CREDIT
                    + ",\"task_types\":[\"sum_of_squares\"],\"derives\":[\"sum_of_squares\"]}");
            WireText.expect(connection.readFrame(), "welcome");
            HalfwayWorker worker = new HalfwayWorker(connection, subtasks / 2);
            crew.start("worker", worker);
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            sender.sendFrame(
                    "{\"type\":\"submit\",\"task\":{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":"
                            + subtasks + "},\"subtasks\":" + subtasks + "}}");
            if (!worker.halfway.await(HALF_TIMEOUT_S, TimeUnit.SECONDS)) {
                throw new IOException("half of " + subtasks + " subtasks was not done within " + HALF_TIMEOUT_S + " s");
            }
            long bytes = probe.liveHeapBytes();
            worker.goOn.countDown();
            BigInteger sum = DivvyTask.result(DivvyTask.awaitEnd(sender));
            if (!sum.equals(BareLoop.formula(subtasks))) {
                throw new IOException("the sum of the squares of " + subtasks + " numbers is wrong: " + sum);
            }
            return bytes;
        }
    }

    /** Answers each lease with one folded result, by the formula; stops for a while when half of the task is done. */
    private static final class HalfwayWorker implements Crew.Job {
        private final RawConnection connection;
        private final long half;
        private final CountDownLatch halfway = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        private HalfwayWorker(RawConnection connection, long half) {
            this.connection = connection;
            this.half = half;
        }

        @Override
        public void run() throws IOException, InterruptedException {
            long done = 0;
            while (true) {
                String message = connection.readFrame();
                if (!WireText.isOfType(message, "assign")) {
                    continue;
                }
                if (done >= half && goOn.getCount() > 0) {
                    halfway.countDown();
                    goOn.await();
                }
                long from = WireText.number(message, "from");
                long to = WireText.number(message, "to");
                // The index i stands for the number i + 1.
                BigInteger sum = BareLoop.formula(to).subtract(BareLoop.formula(from));
                connection.sendFrame("{\"type\":\"result\",\"lease\":" + WireText.number(message, "lease")
                        + ",\"from\":" + from + ",\"to\":" + to + ",\"combined\":" + sum + "}");
                done += to - from;
            }
        }
    }
}
