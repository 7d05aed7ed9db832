package io.divvy.scheduler;

import static io.divvy.scheduler.TaskPlan.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A world in which anything happens in any order, nonsense too. However it goes, every task comes to an end, its ledger adds
 * up, and the answer of one that completes is right. What fails names its seed: put it into {@link #seeds} alone.
 */
class RandomWalkTest {
    private static final int STEPS = 250;

    static LongStream seeds() {
        return LongStream.range(0, 400);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyTaskComesToAnEndWithTheRightAnswer(long seed) {
        new Walk(seed).walk();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("someSeeds")
    void theSameSeedGivesTheSameWorld(long seed) {
        Walk one = new Walk(seed);
        Walk other = new Walk(seed);
        one.walk();
        other.walk();
        assertEquals(one.told, other.told);
    }

    static LongStream someSeeds() {
        return LongStream.range(1_000, 1_020);
    }

    private static final class Walk {
        private final Random random;
        private final SchedulerStory story;
        private final List<StoryWorker> workers = new ArrayList<>();
        /** Leases that a worker was given and may still know, ended ones too. */
        private final Map<StoryWorker, List<Assign>> leases = new LinkedHashMap<>();

        private final List<TaskPlan> plans = new ArrayList<>();
        /** All that anybody was told, in order. */
        final List<String> told = new ArrayList<>();

        Walk(long seed) {
            random = new Random(seed);
            Limits usual = Limits.DEFAULT;
            Limits small = new Limits(
                    6,
                    usual.subtasksPerTask(),
                    1 + random.nextInt(200),
                    1 + random.nextInt(200),
                    1 + random.nextInt(10),
                    2 + random.nextInt(10), // all done without a gap is one part already
                    1 + random.nextInt(2_000),
                    1 + random.nextInt(20),
                    1 + random.nextInt(4),
                    30_000,
                    3,
                    100,
                    1_000,
                    25,
                    1_000,
                    10,
                    2_000 + random.nextInt(10_000),
                    2_000,
                    1_000);
            story = new SchedulerStory(small, random.nextBoolean(), seed);
            story.listen(effect -> told.add(effect.toString()));
            story.payloadsPerMessage(random.nextInt(3) == 0 ? 1 + random.nextInt(5) : Long.MAX_VALUE);
        }

        void walk() {
            for (int step = 0; step < STEPS; step++) {
                happen();
                collect();
                everyOpenTaskIsExplained();
            }
            comeToAnEnd();
        }

        private void everyOpenTaskIsExplained() {
            for (TaskPlan plan : plans) {
                List<Explanation> reasons = story.core().explain(plan.id);
                assertTrue(reasons == null || !reasons.isEmpty(), () -> "no reason why it goes on: " + plan.id);
            }
        }

        private void happen() {
            switch (random.nextInt(20)) {
                case 0 -> submit();
                case 1 -> join();
                case 2 -> story.pass(random.nextInt(200));
                case 3 -> story.pass(random.nextInt(20_000));
                case 4 -> story.passUnnoticed(random.nextInt(2_000));
                case 5 -> misbehave();
                case 6 ->
                    withWorker(worker -> {
                        if (random.nextInt(4) == 0) {
                            leave(worker);
                        }
                    });
                case 7 ->
                    withWorker(worker -> {
                        switch (random.nextInt(8)) {
                            case 0 -> worker.drains();
                            case 1 -> worker.isAskedToDrain();
                            default -> {
                                // Workers that stay make for the longer walks.
                            }
                        }
                    });
                case 8 ->
                    withTask(plan -> {
                        if (random.nextInt(6) == 0) {
                            story.cancel(plan.id.value());
                        }
                    });
                case 9 -> withTask(plan -> story.watch(plan.id.value(), random.nextBoolean()));
                case 10 -> withTask(story::submit);
                case 11 -> story.holdRandomly(random);
                case 12 -> story.releaseSome();
                case 13 -> withWorker(worker -> withTask(plan -> worker.declines(plan.id.value())));
                case 14 -> withLease((worker, lease) -> worker.fails(lease, within(lease)));
                case 15 -> withLease((worker, lease) -> worker.beats(lease, within(lease)));
                default -> withLease(this::answer);
            }
        }

        private void submit() {
            TaskPlan plan = task("task " + plans.size())
                    .subtasks(1 + random.nextInt(random.nextInt(10) == 0 ? 3_000 : 60))
                    .type(random.nextBoolean() ? "numbers" : "letters")
                    .priority(random.nextInt(3))
                    .maxAttempts(1 + random.nextInt(4));
            switch (random.nextInt(4)) {
                case 0 -> plan.foldedInAnyOrder();
                case 1 -> plan.foldable();
                default -> {
                    // In ascending order, as most are.
                }
            }
            if (random.nextBoolean()) {
                plan.continuesOnFailure();
            }
            if (random.nextBoolean()) {
                plan.derivable();
            }
            if (random.nextInt(3) == 0) {
                plan.subtaskTimeoutMs(1 + random.nextInt(3_000));
            }
            if (random.nextInt(6) == 0) {
                plan.timeoutMs(1 + random.nextInt(60_000));
            }
            if (random.nextInt(6) == 0) {
                plan.key("key " + random.nextInt(3));
            }
            if (random.nextInt(20) == 0) {
                plan.splitFails("no");
            }
            plans.add(plan);
            story.submit(plan);
        }

        private void join() {
            if (workers.size() >= 6) {
                return;
            }
            StoryWorker worker = story.worker("worker " + story.nowMs());
            if (random.nextInt(3) == 0) {
                worker.plain();
            } else {
                worker.slots(1 + random.nextInt(4)).credit(1 + random.nextInt(40));
                if (random.nextBoolean()) {
                    worker.derives("numbers");
                }
            }
            if (random.nextInt(3) == 0) {
                worker.takesOnly("numbers");
            }
            workers.add(worker);
            worker.joins();
        }

        private void leave(StoryWorker worker) {
            workers.remove(worker);
            leases.remove(worker);
            worker.leaves();
        }

        private void answer(StoryWorker worker, Assign lease) {
            long from = within(lease);
            long to = random.nextBoolean() ? lease.to() : from + 1 + random.nextInt((int) (lease.to() - from));
            worker.answers(lease.lease(), random.nextBoolean() ? lease.from() : from, to, random.nextInt(500));
        }

        private void misbehave() {
            withLease((worker, lease) -> {
                switch (random.nextInt(9)) {
                    case 6 -> worker.answersCombined(lease, within(lease), lease.to());
                    case 7 -> worker.offers(lease.task().value(), random.nextInt(70), random.nextInt(70));
                    case 8 -> worker.releases(lease.lease(), within(lease));
                    case 0 -> worker.answers(lease.lease(), lease.from(), lease.to() + 1);
                    case 1 -> worker.answers(lease.lease(), Long.MAX_VALUE, Long.MIN_VALUE);
                    case 2 -> worker.answers(random.nextInt(200), lease.from(), lease.to());
                    case 3 -> worker.fails(lease, lease.to() + random.nextInt(3));
                    case 4 -> worker.failsForGood(lease, within(lease), "for good");
                    default -> worker.beats(lease, random.nextLong());
                }
            });
        }

        private long within(Assign lease) {
            return lease.from() + random.nextInt((int) (lease.to() - lease.from()));
        }

        private void collect() {
            for (StoryWorker worker : List.copyOf(workers)) {
                leases.computeIfAbsent(worker, w -> new ArrayList<>()).addAll(worker.takeAllLeases());
                if (!worker.connected) {
                    workers.remove(worker);
                    leases.remove(worker);
                }
            }
            story.takeReplies();
        }

        /** From here on an honest worker does what it is given, and nothing goes wrong any more. */
        private void comeToAnEnd() {
            List.copyOf(workers).stream().filter(worker -> worker.connected).forEach(this::leave);
            collect(); // Some may have been dropped meanwhile.
            story.releaseHeld();
            story.payloadsPerMessage(Long.MAX_VALUE);
            StoryWorker honest = story.worker("honest").slots(4).credit(100).joins();
            for (int round = 0; round < 200 && story.core().openTasks() > 0; round++) {
                for (List<Assign> given = honest.takeAllLeases(); !given.isEmpty(); given = honest.takeAllLeases()) {
                    given.forEach(honest::answers);
                }
                honest.beats();
                story.pass(1_000);
            }
            assertEquals(List.of(), openTasks(), "tasks that do not come to an end");
            honest.takeAllLeases(); // Where a subtask has a few milliseconds, a lease may expire before it is read.
            honest.hasNothing();
            story.takeReplies();
            story.isOver();
        }

        private List<TaskSnapshot> openTasks() {
            return plans.stream()
                    .map(plan -> story.core().find(plan.id))
                    .filter(Objects::nonNull)
                    .toList();
        }

        private interface OnLease {
            void run(StoryWorker worker, Assign lease);
        }

        private void withLease(OnLease action) {
            withWorker(worker -> {
                List<Assign> known = leases.getOrDefault(worker, List.of());
                if (!known.isEmpty()) {
                    // Mostly recent ones, which are likely to be open.
                    int back = Math.min(known.size(), 1 + random.nextInt(4));
                    action.run(worker, known.get(known.size() - back));
                }
            });
        }

        private void withWorker(Consumer<StoryWorker> action) {
            if (!workers.isEmpty()) {
                action.accept(workers.get(random.nextInt(workers.size())));
            }
        }

        private void withTask(Consumer<TaskPlan> action) {
            if (!plans.isEmpty()) {
                action.accept(plans.get(random.nextInt(plans.size())));
            }
        }
    }
}
