package io.divvy.bench;

import io.divvy.bench.Comparison.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether a task costs more where many others are open: all are submitted first, then a worker comes for them. */
final class OpenTasks implements Shape {
    private static final int FEW = 100;
    private static final int MANY = 100_000;
    /** A connection may wait for twice as many. */
    private static final int TASKS_OF_A_SENDER = 5_000;
    /** Submissions that go out before the answers to them are read. */
    private static final int AT_ONCE = 100;

    private static final int CREDIT = 64;

    @Override
    public String name() {
        return "open-tasks";
    }

    @Override
    public String description() {
        return "submitting and dispatching a task of one subtask with 100,000 tasks open, beside 100 open";
    }

    /** Open tasks may take a sixth of the heap, at 4 KB each. */
    @Override
    public String serverHeap() {
        return "3g";
    }

    @Override
    public Measurement measure(Bench bench, ServerUnderTest server) throws Exception {
        int many = bench.scaled(MANY);
        few(server, many);
        Micros withFew = few(server, many);
        ServerUse use = new ServerUse(server.probe()).begin();
        Micros withMany = measure(server, many);
        use.end(many);
        return Measurement.of(name(), 1e6 / withMany.both(), "tasks/s")
                .withServerUse(use.median())
                .withComparisons(
                        Comparison.ratio(
                                "µs per task with 100 open", withMany.both(), withFew.both(), Target.atMost(2)),
                        Comparison.ratio("µs to submit it, of these", withMany.submit(), withFew.submit(), null),
                        Comparison.ratio("µs to dispatch it", withMany.dispatch(), withFew.dispatch(), null));
    }

    /** For each task. */
    private record Micros(double submit, double dispatch) {
        double both() {
            return submit + dispatch;
        }
    }

    /** The same number of tasks in all, but few at a time. */
    private static Micros few(ServerUnderTest server, int tasks) throws Exception {
        double submit = 0;
        double dispatch = 0;
        int rounds = Math.max(1, tasks / FEW);
        for (int round = 0; round < rounds; round++) {
            Micros micros = measure(server, FEW);
            submit += micros.submit();
            dispatch += micros.dispatch();
        }
        return new Micros(submit / rounds, dispatch / rounds);
    }

    /** All are submitted while nobody takes them, and then dispatched while none is submitted. */
    private static Micros measure(ServerUnderTest server, int tasks) throws Exception {
        try (Crew crew = new Crew()) {
            List<RawConnection> senders = new ArrayList<>();
            for (int from = 0; from < tasks; from += TASKS_OF_A_SENDER) {
                RawConnection sender = crew.connect(server.address());
                sender.sendFrame("{\"type\":\"task_sender\",\"protocol\":2}");
                WireText.expect(sender.readFrame(), "welcome");
                senders.add(sender);
            }
            RawConnection worker = crew.connect(server.address());
            long startNanos = System.nanoTime();
            for (int index = 0; index < tasks; index += AT_ONCE) {
                submit(senders.get(index / TASKS_OF_A_SENDER), Math.min(AT_ONCE, tasks - index));
            }
            double submitSeconds = Rounds.seconds(startNanos);
            long joinedNanos = System.nanoTime();
            RawWorker.join(crew, worker, "bench", RawWorker.Terms.of(CREDIT));
            for (int index = 0; index < tasks; index++) {
                DivvyTask.requireSquaresOfTen(DivvyTask.awaitEnd(senders.get(index / TASKS_OF_A_SENDER)));
            }
            return new Micros(submitSeconds * 1e6 / tasks, Rounds.seconds(joinedNanos) * 1e6 / tasks);
        }
    }

    private static void submit(RawConnection sender, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            sender.writeFrame(
                    "{\"type\":\"submit\",\"task\":{\"type\":\"sum_of_squares\",\"params\":{\"start\":1,\"end\":10},"
                            + "\"subtasks\":1}}");
        }
        sender.out().flush();
        for (int i = 0; i < count; i++) {
            WireText.expect(sender.readFrame(), "accepted");
        }
    }
}
