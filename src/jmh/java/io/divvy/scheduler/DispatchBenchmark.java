package io.divvy.scheduler;

import io.divvy.state.Results;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A worker answers its lease and gets its next one, while so many tasks are ready. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DispatchBenchmark {
    private static final WorkerId WORKER = new WorkerId(1);
    private static final long SUBTASKS = 1_000_000_000_000L;

    private record AnyResults() implements Results {
        @Override
        public long sizeBytes() {
            return Long.BYTES;
        }

        @Override
        public int firstNonNull(int from, int to) {
            return from;
        }
    }

    @Param({"1", "100", "10000"})
    private int readyTasks;

    private final Scheduler scheduler = new Scheduler(Limits.DEFAULT, RetryPolicy.DEFAULT, false, 42);
    private final Deque<Effect> effects = new ArrayDeque<>();
    private final Results results = new AnyResults();
    private Effect.Assign lease;
    private long nowMs = 1_700_000_000_000L;

    @Setup(Level.Trial)
    public void submit() {
        for (int task = 0; task < readyTasks; task++) {
            feed(new Event.TaskSubmitted(
                    task,
                    TaskSpec.of(new TaskId("task-" + task), "squares")
                            .derivable(true)
                            .submittedAs(null, "squares " + task)
                            .foldOrder(TaskSpec.FoldOrder.ANY)
                            .maxAttempts(3)
                            .build(),
                    new TaskSize(SUBTASKS, 1_000)));
        }
        feed(new Event.WorkerJoined(
                WORKER,
                new WorkerIdentity("", "worker"),
                WorkerTerms.heartbeatEvery(5_000)
                        .takes(Set.of("squares"))
                        .derives(Set.of("squares"))
                        .build()));
    }

    @Benchmark
    public long answerAndLease() {
        feed(Event.ResultsArrived.each(WORKER, lease.lease(), lease.from(), lease.to(), results));
        return lease.lease();
    }

    /** What the world would do is done at once. */
    private void feed(Event event) {
        nowMs++;
        effects.addAll(scheduler.handle(event, nowMs));
        for (Effect effect = effects.poll(); effect != null; effect = effects.poll()) {
            if (effect instanceof Effect.Assign assign) {
                lease = assign;
            } else if (effect instanceof Effect.Persist persist) {
                effects.addAll(scheduler.handle(new Event.StoreCommitted(persist.commit()), nowMs));
            }
        }
        if (scheduler.nextDeadlineMs() <= nowMs) {
            effects.addAll(scheduler.tick(nowMs));
        }
    }
}
