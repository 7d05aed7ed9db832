package io.divvy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.bench.Comparison.Target;
import io.divvy.protocol.Json;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Two workers with a slot each and subtasks that compute for a while, beside the same code on two threads. */
final class Computing implements Shape {
    private static final int WORKERS = 2;
    private static final int SUBTASKS = 1_000;
    private static final int ROUNDS = 3;
    /** Large enough that the squares of all numbers cost the same. */
    private static final long FIRST_NUMBER = 10_000_000_000L;

    private static final double SUBTASK_SECONDS = 0.020;
    private static final long CALIBRATION_NUMBERS = 10_000_000;
    private static final int CALIBRATION_SUBTASKS = 50;
    /** Many short subtasks, but long enough that the loop is compiled for many numbers, as it is for the threads. */
    private static final int WARM_UP_TASKS = 100;

    private static final int WARM_UP_SUBTASKS = 100;
    private static final int WARM_UP_SHARE = 40;

    private final TaskType type = Objects.requireNonNull(TaskTypes.installed().find("sum_of_squares"));

    @Override
    public String name() {
        return "computing";
    }

    @Override
    public String description() {
        return "2 shipped workers of one slot, 1,000 subtasks that compute for 20 ms; beside the same code on 2 threads";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        long numbersOfSubtask = calibrate();
        int subtasks = bench.scaled(SUBTASKS);
        long numbers = numbersOfSubtask * subtasks;
        try (Bench.Child first = bench.launcher().worker(server.address(), "bench-1", 1);
                Bench.Child second = bench.launcher().worker(server.address(), "bench-2", 1);
                Crew crew = new Crew()) {
            RawConnection sender = crew.connect(server.address());
            sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
            warmUp(sender, numbersOfSubtask, bench.scaled(WARM_UP_TASKS));
            int rounds = bench.isQuick() ? 1 : ROUNDS;
            double[] speeds = new double[rounds];
            double[] references = new double[rounds];
            double[] ratios = new double[rounds];
            ServerUse use = new ServerUse(server.probe());
            for (int round = 0; round < rounds; round++) {
                references[round] = subtasks / threads(numbers, subtasks);
                use.begin();
                speeds[round] = subtasks / divvy(sender, numbers, subtasks);
                use.end(subtasks);
                ratios[round] = speeds[round] / references[round];
            }
            return Measurement.of(name(), Rounds.median(speeds), "subtasks/s")
                    .withServerUse(use.median())
                    .withComparisons(Comparison.paired(
                            "the same code on 2 threads",
                            Rounds.median(references),
                            Rounds.median(ratios),
                            Target.atLeast(0.93)));
        }
    }

    /** How many numbers take a thread 20 ms while the others compute too. */
    private long calibrate() throws Exception {
        threads(CALIBRATION_NUMBERS * CALIBRATION_SUBTASKS, CALIBRATION_SUBTASKS);
        double seconds = threads(CALIBRATION_NUMBERS * CALIBRATION_SUBTASKS, CALIBRATION_SUBTASKS);
        double secondsOfSubtask = seconds * WORKERS / CALIBRATION_SUBTASKS;
        return Math.round(CALIBRATION_NUMBERS * SUBTASK_SECONDS / secondsOfSubtask);
    }

    /** Until the machine code of all that takes part is ready, as it is for the threads. */
    private static void warmUp(RawConnection sender, long numbersOfSubtask, int tasks) throws IOException {
        for (int i = 0; i < tasks; i++) {
            divvy(sender, numbersOfSubtask / WARM_UP_SHARE * WARM_UP_SUBTASKS, WARM_UP_SUBTASKS);
        }
    }

    /** Seconds. */
    private double threads(long numbers, int subtasks) throws Exception {
        ObjectNode params =
                Json.MAPPER.createObjectNode().put("start", FIRST_NUMBER).put("end", FIRST_NUMBER + numbers - 1);
        Subtasks split = type.split(params, (long) subtasks);
        AtomicLong next = new AtomicLong();
        LongAdder wrappedSum = new LongAdder();
        ExecutorService pool = Executors.newFixedThreadPool(WORKERS);
        long startNanos = System.nanoTime();
        try {
            List<Future<?>> threads = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                threads.add(pool.submit(() -> {
                    for (long index = next.getAndIncrement(); index < subtasks; index = next.getAndIncrement()) {
                        wrappedSum.add(type.process(split.payload(index), new Context(index))
                                .bigIntegerValue()
                                .longValue());
                    }
                    return null;
                }));
            }
            for (Future<?> thread : threads) {
                thread.get();
            }
        } finally {
            pool.shutdown();
        }
        double seconds = Rounds.seconds(startNanos);
        require(wrappedSum.sum(), numbers);
        return seconds;
    }

    /** Seconds. */
    private static double divvy(RawConnection sender, long numbers, int subtasks) throws IOException {
        long startNanos = System.nanoTime();
        sender.sendFrame("{\"type\":\"submit\",\"task\":{\"type\":\"sum_of_squares\",\"params\":{\"start\":"
                + FIRST_NUMBER + ",\"end\":" + (FIRST_NUMBER + numbers - 1) + "},\"subtasks\":" + subtasks + "}}");
        String message = DivvyTask.awaitEnd(sender);
        double seconds = Rounds.seconds(startNanos);
        require(DivvyTask.result(message).longValue(), numbers);
        return seconds;
    }

    private static void require(long wrappedSum, long numbers) throws IOException {
        BigInteger expected = BareLoop.formula(FIRST_NUMBER + numbers - 1).subtract(BareLoop.formula(FIRST_NUMBER - 1));
        if (wrappedSum != expected.longValue()) {
            throw new IOException("the sum of the squares of " + numbers + " numbers is wrong");
        }
    }

    private record Context(long index) implements TaskContext {
        @Override
        public void checkCancelled() {
            // Nobody cancels it.
        }
    }
}
