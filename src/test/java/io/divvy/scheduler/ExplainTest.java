package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.scheduler.Explanation.BackingOff;
import io.divvy.scheduler.Explanation.BehindHigherPriority;
import io.divvy.scheduler.Explanation.Bound;
import io.divvy.scheduler.Explanation.Combining;
import io.divvy.scheduler.Explanation.HeldBack;
import io.divvy.scheduler.Explanation.Holder;
import io.divvy.scheduler.Explanation.NoWorker;
import io.divvy.scheduler.Explanation.PreparingPayloads;
import io.divvy.scheduler.Explanation.Running;
import io.divvy.scheduler.Explanation.Saving;
import io.divvy.scheduler.Explanation.WaitingForCredit;
import io.divvy.state.TaskId;
import io.divvy.testing.LimitsOf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Why a task is not finished. */
class ExplainTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void explainSaysThatNoWorkerTakesTheType() {
        story.worker("ann").takesOnly("letters").joins();
        story.submitAccepted(task("squares").type("numbers").subtasks(1));
        assertEquals(List.of(new NoWorker("numbers", 0)), story.explain("squares"));

        StoryWorker bob = story.worker("bob").takesOnly("numbers").joins();
        bob.answersAll();
        story.completes("squares");
        assertNull(story.core().explain(new TaskId("squares")));
        story.isOver();
    }

    @Test
    void explainCountsTheOnlyWorkerOfTheTypeThatDrains() {
        StoryWorker ann = story.worker("ann").joins();
        ann.isAskedToDrain();
        story.submitAccepted(task("squares").subtasks(1));
        assertEquals(List.of(new NoWorker("numbers", 1)), story.explain("squares"));
    }

    @Test
    void explainListsTheWorkersThatRunAllOfATask() {
        StoryWorker ann = story.worker("ann").slots(2).joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        assertEquals(
                List.of(new Running(2, 2, List.of(new Holder(ann.id, "ann", 1), new Holder(bob.id, "bob", 1)))),
                story.explain("squares"));
    }

    @Test
    void aSubtaskThatTwoWorkersRunIsCountedOnce() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        ann.takeLease("squares", 0, 1);
        bob.answers(bob.takeLease("squares", 1, 2));
        story.pass(200);
        bob.takeLease("squares", 0, 1);
        assertEquals(
                List.of(new Running(1, 2, List.of(new Holder(ann.id, "ann", 1), new Holder(bob.id, "bob", 1)))),
                story.explain("squares"));
    }

    @Test
    void explainSaysThatTheRestOfARunningTaskWaitsForCredit() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(9));
        assertEquals(
                List.of(
                        new Running(1, 1, List.of(new Holder(ann.id, "ann", 1))),
                        new WaitingForCredit("numbers", 1, 0)),
                story.explain("squares"));
    }

    @Test
    void explainListsTasksOfHigherPriorityThatAreAhead() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("urgent").priority(5).subtasks(9));
        story.submitAccepted(task("more urgent").priority(7).subtasks(9));
        story.submitAccepted(task("of another kind").type("letters").priority(9).subtasks(9));
        story.submitAccepted(task("squares").subtasks(9));
        ann.takeLease();
        assertEquals(
                List.of(new WaitingForCredit("numbers", 1, 0), new BehindHigherPriority(0, 3, 9)),
                story.explain("squares"),
                "ann takes any type");

        ann.isAskedToDrain();
        StoryWorker bob = story.worker("bob").takesOnly("numbers").joins();
        bob.takeLease();
        assertEquals(
                List.of(new WaitingForCredit("numbers", 1, 0), new BehindHigherPriority(0, 2, 7)),
                story.explain("squares"));
    }

    @Test
    void explainCountsTasksThatAreAheadUpToABound() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(9));
        ann.takeLease();
        for (int i = 0; i < BehindHigherPriority.MOST_TASKS + 9; i++) {
            story.submitAccepted(task("urgent" + i).priority(5 + i % 2).subtasks(9));
        }
        assertEquals(
                new BehindHigherPriority(0, BehindHigherPriority.MOST_TASKS, 6),
                story.explain("squares").get(2));
    }

    @Test
    void aCopyThatIsBeingPreparedIsNotCountedAgain() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        ann.takeLease("squares", 0, 1);
        story.holdPayloads();
        bob.answers(bob.takeLease("squares", 1, 2));
        story.pass(200);
        assertEquals(
                List.of(new Running(1, 1, List.of(new Holder(ann.id, "ann", 1))), new PreparingPayloads()),
                story.explain("squares"),
                "a copy for bob is being prepared");
    }

    @Test
    void explainSaysThatAFailedSubtaskBacksOff() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        ann.fails(ann.takeLease(), 0);
        List<Explanation> reasons = story.explain("squares");
        BackingOff backoff = (BackingOff) reasons.get(0);
        assertEquals(1, reasons.size());
        assertEquals(1, backoff.subtasks());
        assertTrue(backoff.untilMs() > story.nowMs());

        story.pass(backoff.untilMs() - story.nowMs());
        assertEquals(List.of(new Running(1, 1, List.of(new Holder(ann.id, "ann", 1)))), story.explain("squares"));
    }

    @Test
    void theFirstOfSeveralRetriesIsNamed() {
        StoryWorker ann = story.worker("ann").slots(2).joins();
        StoryWorker bob = story.worker("bob").slots(2).joins();
        story.submitAccepted(task("squares").subtasks(2).maxAttempts(9));
        ann.fails(ann.takeLease(), 0);
        long firstMs = ((BackingOff) story.explain("squares").get(1)).untilMs();
        story.pass(1);
        bob.fails(bob.takeLease(), 1);
        BackingOff both = (BackingOff) story.explain("squares").get(0);
        assertEquals(2, both.subtasks());
        assertTrue(both.untilMs() <= firstMs);
    }

    @Test
    void explainSaysThatPayloadsAreBeingMade() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        assertEquals(List.of(new PreparingPayloads()), story.explain("squares"));

        story.releaseHeld();
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void explainSaysThatTooManyResultsWaitForALowerOne() {
        SchedulerStory tight = new SchedulerStory(LimitsOf.with(draft -> draft.bufferedResultBytes = 1_000));
        StoryWorker slow = tight.worker("slow").joins();
        StoryWorker quick = tight.worker("quick").joins();
        tight.submitAccepted(task("squares").subtasks(9));
        Assign lowest = slow.takeLease("squares", 0, 1);
        Assign early = quick.takeLease("squares", 1, 2);
        quick.answers(early.lease(), 1, 2, 2_000);

        List<Explanation> reasons = tight.explain("squares");
        assertEquals(new HeldBack(Bound.BUFFERED_RESULT_BYTES, 1_000), reasons.get(1));

        slow.answers(lowest);
        assertTrue(quick.hasLease(), "the lower one came, so it goes on");
    }

    @Test
    void explainCountsAWorkerThatHangs() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).subtaskTimeoutMs(100));
        ann.takeLease();
        for (int beats = 0; beats < 40; beats++) {
            story.pass(100);
            ann.beats();
        }
        assertEquals(List.of(new WaitingForCredit("numbers", 1, 1)), story.explain("squares"));
    }

    @Test
    void explainSaysThatTheAnswerIsBeingMadeAndThenSaved() {
        story.holdFinishes();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        ann.answersAll();
        assertEquals(List.of(new Combining()), story.explain("squares"));
        story.holdCommits();
        story.releaseOne();
        assertEquals(List.of(new Saving()), story.explain("squares"));
    }

    @Test
    void onlySomeHoldersOfManyAreListed() {
        List<StoryWorker> workers = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            workers.add(story.worker("w" + i).joins());
        }
        story.submitAccepted(task("squares").subtasks(30));
        Running running = (Running) story.explain("squares").get(0);
        assertEquals(30, running.workers());
        assertEquals(20, running.holders().size());
        assertEquals("w0", running.holders().get(0).name());
    }

    @Test
    void aTaskThatIsNotThereHasNoExplanation() {
        assertNull(story.core().explain(new TaskId("squares")));
    }
}
