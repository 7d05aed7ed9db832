package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.UsedHeap;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What workers make the core grow by is charged with no less than it takes: the heap that is used is looked at. */
class CoreBytesTest {
    private static final int MANY = 20_000;
    /** Attempts, as something else in this process may come to use memory just now. */
    private static final int LOOKS = 4;

    private final List<Effect.Assign> assigned = new ArrayList<>();
    private Scheduler core = newCore();
    private long nowMs;

    private static Scheduler newCore() {
        return new Scheduler(Limits.DEFAULT, RetryPolicy.DEFAULT, false, 1);
    }

    private void feed(Event event) {
        core.handle(event, nowMs).forEach(this::note);
    }

    private void note(Effect effect) {
        if (effect instanceof Effect.Assign assign) {
            assigned.add(assign);
        }
    }

    private static StoryTask derivable(int number) {
        return task("task-" + number).type("type").derivable().foldedInAnyOrder();
    }

    private void submit(StoryTask plan) {
        feed(new Event.TaskSubmitted(1, plan.spec(), plan.size()));
    }

    private void join(int number, int slots) {
        WorkerId id = new WorkerId(number);
        feed(new Event.WorkerJoined(
                id,
                new WorkerIdentity("host", "worker-" + number),
                WorkerTerms.heartbeatEvery(1_000_000_000)
                        .slots(slots)
                        .takes(Set.of("type"))
                        .derives(Set.of("type"))
                        .build()));
    }

    private void isChargedEnough(Runnable before, Runnable grow, LongSupplier charged) {
        List<Double> taken = new ArrayList<>();
        while (taken.size() < LOOKS && taken.stream().noneMatch(CoreBytesTest::isRight)) {
            core = newCore();
            assigned.clear();
            before.run();
            long usedBefore = UsedHeap.bytes();
            long chargedBefore = charged.getAsLong();
            grow.run();
            long used = UsedHeap.bytes() - usedBefore;
            taken.add((double) used / (charged.getAsLong() - chargedBefore));
        }
        assertTrue(isRight(taken.get(taken.size() - 1)), taken + " of what is charged is taken");
    }

    private static boolean isRight(double part) {
        return part > 0.4 && part <= 1;
    }

    private long all() {
        return core.workerBytes() + core.subtaskBytes();
    }

    @Test
    void aFailedSubtaskTakesNoMoreThanItIsChargedWith() {
        isChargedEnough(
                () -> {
                    submit(derivable(1).subtasks(MANY).maxAttempts(3));
                    join(1, MANY);
                },
                this::failEverySecond,
                this::all);
    }

    private void failEverySecond() {
        for (Effect.Assign lease : List.copyOf(assigned)) {
            LongStream.range(lease.from(), lease.to())
                    .filter(index -> index % 2 == 0)
                    .forEach(index ->
                            feed(new Event.SubtaskFailed(new WorkerId(1), lease.lease(), index, "it failed", true)));
        }
    }

    @Test
    void aLeaseOfOneSubtaskTakesNoMoreThanItIsChargedWith() {
        isChargedEnough(
                () -> {
                    submit(derivable(1).subtasks(MANY).maxAttempts(3));
                    join(1, MANY);
                    failEverySecond();
                },
                () -> {
                    nowMs += 3_600_000;
                    core.tick(nowMs).forEach(this::note);
                },
                () -> core.workerBytes());
    }

    @Test
    void aTaskThatManyWorkersKnowTakesNoMoreThanItIsChargedWith() {
        int tasks = 2_000;
        int workers = 10;
        isChargedEnough(
                () -> {
                    for (int i = 0; i < tasks; i++) {
                        submit(derivable(i).subtasks(10 * workers));
                    }
                },
                () -> {
                    for (int i = 0; i < workers; i++) {
                        join(i, 2 * tasks);
                    }
                },
                this::all);
    }
}
