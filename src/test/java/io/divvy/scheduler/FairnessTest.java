package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is served next. */
class FairnessTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void higherPriorityGoesFirst() {
        story.submitAccepted(task("low").subtasks(2).priority(-1));
        story.submitAccepted(task("usual").subtasks(2));
        story.submitAccepted(task("high").subtasks(2).priority(1_000));
        StoryWorker ann = story.worker("ann").joins();
        assertEquals(List.of("high", "high", "usual", "usual", "low", "low"), served(ann, 6));
        story.completes("high");
        story.completes("usual");
        story.completes("low");
        story.isOver();
    }

    @Test
    void amongEqualsTheTasksTakeTurns() {
        story.submitAccepted(task("a").subtasks(3));
        story.submitAccepted(task("b").subtasks(3));
        story.submitAccepted(task("c").subtasks(3));
        StoryWorker ann = story.worker("ann").joins();
        assertEquals(List.of("a", "b", "c", "a", "b", "c", "a", "b", "c"), served(ann, 9));
    }

    @Test
    void tasksShareWorkerTimeAndNotSubtasks() {
        story.submitAccepted(task("slow").type("slow").subtasks(1_000));
        story.submitAccepted(task("quick").type("quick").subtasks(1_000));
        StoryWorker ann = story.worker("ann").joins();
        Map<String, Integer> times = new HashMap<>();
        long untilMs = story.nowMs() + 100_000;
        while (story.nowMs() < untilMs) {
            Assign lease = ann.takeLease();
            long ms = lease.task().value().equals("slow") ? 1_000 : 100;
            story.pass(ms);
            times.merge(lease.task().value(), (int) ms, Integer::sum);
            ann.answers(lease);
        }
        int slowMs = times.get("slow");
        assertTrue(slowMs > 40_000 && slowMs < 60_000, () -> "of 100 s the slow task got " + slowMs + " ms");
    }

    @Test
    void aNewcomerDoesNotHoldUpTheOthersUntilItHasCaughtUp() {
        story.submitAccepted(task("old").subtasks(1_000));
        StoryWorker ann = story.worker("ann").joins();
        served(ann, 100);
        story.submitAccepted(task("new").subtasks(1_000));
        ann.answers(ann.takeLease()); // it was leased before the new one came
        List<String> next = served(ann, 10);
        assertEquals(5, next.stream().filter("new"::equals).count(), next::toString);
    }

    @Test
    void aNewcomerDoesNotWaitForThoseThatWaitedWhileOthersWereServed() {
        story.submitAccepted(task("waits").subtasks(1_000));
        story.submitAccepted(task("urgent").subtasks(500).priority(1));
        StoryWorker ann = story.worker("ann").joins();
        served(ann, 500);
        story.completes("urgent");
        story.submitAccepted(task("new").subtasks(1_000));
        ann.answers(ann.takeLease());
        List<String> next = served(ann, 10);
        assertEquals(5, next.stream().filter("new"::equals).count(), next::toString);
    }

    @Test
    void aNewcomerOfARareTypeDoesNotWaitForWhatOthersGotElsewhere() {
        StoryWorker many = story.worker("many").takesOnly("common").joins();
        StoryWorker few = story.worker("few").takesOnly("rare").joins();
        story.submitAccepted(task("common").type("common").subtasks(10_000));
        story.submitAccepted(task("rare").type("rare").subtasks(10_000));
        served(few, 3);
        served(many, 1_000);
        story.submitAccepted(task("newcomer").type("rare").subtasks(1_000));
        few.answers(few.takeLease());
        List<String> next = served(few, 10);
        assertEquals(5, next.stream().filter("newcomer"::equals).count(), next::toString);
    }

    @Test
    void workersTakeTurns() {
        List<StoryWorker> workers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            workers.add(story.worker("worker " + i).slots(8).credit(16).joins());
        }
        story.submitAccepted(task("squares").subtasks(20));
        for (StoryWorker worker : workers) {
            long got = 0;
            while (worker.hasLease()) {
                Assign lease = worker.takeLease();
                got += lease.to() - lease.from();
            }
            assertTrue(got >= 3 && got <= 5, worker.name + " got " + got + " of 20");
        }
    }

    @Test
    void theWorkerThatIsIdleForTheLongestGetsALeaseFirst() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("one").subtasks(1));
        ann.answersAll();
        story.completes("one");
        story.submitAccepted(task("two").subtasks(1));
        ann.hasNothing();
        bob.answersAll();
        story.completes("two");
        story.isOver();
    }

    @Test
    void aWorkerWithOpenWorkWaitsUntilHalfOfItIsDone() {
        StoryWorker ann = story.worker("ann").slots(2).credit(8).joins();
        story.submitAccepted(task("squares").subtasks(1_000));
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.answers(lease, 0, 1);
        ann.hasNothing();
        ann.answers(lease, 1, 2);
        ann.takeLease("squares", 4, 6);
        ann.hasNothing();
    }

    @Test
    void noSlotIsIdleUntilHalfOfTheOpenWorkIsDone() {
        StoryWorker ann = story.worker("ann").slots(4).credit(4).joins();
        story.submitAccepted(task("squares").subtasks(1_000));
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.answers(lease, 2, 3);
        ann.takeLease("squares", 4, 5);
    }

    @Test
    void aTaskThatNobodyTakesDoesNotHoldUpTheOthers() {
        story.submitAccepted(task("strange").type("strange").subtasks(1).priority(9));
        StoryWorker ann = story.worker("ann").takesOnly("numbers").joins();
        story.submitAccepted(task("squares").subtasks(3));
        ann.answersAll();
        story.completes("squares");
    }

    @Test
    void manyTasksAndWorkersComeToTheirEnd() {
        for (int i = 0; i < 40; i++) {
            story.submitAccepted(
                    task("task " + i).type(i % 2 == 0 ? "even" : "odd").subtasks(1 + i));
        }
        List<StoryWorker> workers = List.of(
                story.worker("even").takesOnly("even").slots(2).joins(),
                story.worker("odd").takesOnly("odd").slots(3).joins(),
                story.worker("both").takesOnly("even", "odd").joins(),
                story.worker("any").joins());
        boolean moved = true;
        while (moved) {
            moved = false;
            for (StoryWorker worker : workers) {
                if (worker.hasLease()) {
                    worker.answers(worker.takeLease());
                    moved = true;
                }
            }
        }
        assertEquals(0, story.core().openTasks());
    }

    /** What the worker is given, one after the other. */
    private static List<String> served(StoryWorker worker, int leases) {
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < leases; i++) {
            Assign lease = worker.takeLease();
            tasks.add(lease.task().value());
            worker.answers(lease);
        }
        return tasks;
    }
}
