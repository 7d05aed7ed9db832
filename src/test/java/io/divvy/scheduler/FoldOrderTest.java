package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The same answer every time, whatever the order in which results come. The fixture's fold refuses any other order. */
class FoldOrderTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void resultsThatComeEarlyWaitForTheLowerOnes() {
        StoryWorker ann = story.worker("ann").slots(6).joins();
        story.submitAccepted(task("text").subtasks(12));
        Assign lease = ann.takeLease("text", 0, 6);
        for (long index = 5; index >= 0; index--) {
            ann.answers(lease, index, index + 1);
        }
        ann.answersAll();
        story.completes("text");
        story.isOver();
    }

    @Test
    void everyOrderOfAnswersGivesTheSameText() {
        for (int seed = 0; seed < 50; seed++) {
            SchedulerStory shuffled = new SchedulerStory();
            StoryWorker ann = shuffled.worker("ann").slots(3_000).joins();
            shuffled.submitAccepted(
                    task("text").subtasks(2_500).continuesOnFailure().maxAttempts(1));
            List<Runnable> answers = new ArrayList<>();
            while (ann.hasLease()) {
                Assign lease = ann.takeLease();
                for (long from = lease.from(); from < lease.to(); from += 100) {
                    long part = from;
                    answers.add(() -> ann.answers(lease, part, Math.min(lease.to(), part + 99)));
                    if (part + 99 < lease.to()) {
                        answers.add(() -> ann.fails(lease, part + 99));
                    }
                }
            }
            Collections.shuffle(answers, new Random(seed));
            answers.forEach(Runnable::run);
            ann.answersAll();
            shuffled.completes("text");
            shuffled.isOver();
        }
    }

    @Test
    void aPartOfAnAnswerThatIsNewIsFoldedAndTheOthersAreDropped() {
        StoryWorker ann = story.worker("ann").slots(4).joins();
        story.submitAccepted(task("text").subtasks(8).subtaskTimeoutMs(1_000));
        Assign expired = ann.takeLease("text", 0, 4);
        StoryWorker bob = story.worker("bob").joins();
        story.pass(1_900);
        bob.answers(bob.takeLease("text", 4, 5));
        story.pass(100); // ann's lease expires, 0 waits for its next attempt
        bob.answers(bob.takeLease("text", 5, 6));
        bob.answers(bob.takeLease("text", 1, 2));
        Assign held = bob.takeLease("text", 2, 3);

        ann.answers(expired);

        assertEquals(ledger("2 leased, 6 done"), story.ledger("text"));
        assertEquals(1, story.snapshot("text").duplicates());
        bob.answers(held);
        assertEquals(2, story.snapshot("text").duplicates());
        ann.answersAll();
        bob.answersAll();
        story.completes("text");
        story.isOver();
    }

    @Test
    void aFullBufferStopsFreshWorkUntilTheGapIsAnswered() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.bufferedResultBytes = 1_000));
        StoryWorker slow = small.worker("slow").joins();
        StoryWorker ann = small.worker("ann").joins();
        small.submitAccepted(task("text").subtasks(100));
        Assign gap = slow.takeLease("text", 0, 1);
        Assign first = ann.takeLease("text", 1, 2);
        ann.answers(first.lease(), 1, 2, 600);
        Assign second = ann.takeLease("text", 2, 3);
        ann.answers(second.lease(), 2, 3, 400);
        ann.hasNothing();

        // Other tasks do not wait for it.
        small.submitAccepted(task("other").subtasks(1));
        ann.answers(ann.takeLease("other", 0, 1));
        small.completes("other");
        ann.hasNothing();

        slow.answers(gap);
        ann.takeLease("text", 3, 4);
    }

    @Test
    void theGapItselfIsLeasedAgainThoughTheBufferIsFull() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.bufferedResultBytes = 1_000));
        StoryWorker slow = small.worker("slow").joins();
        StoryWorker ann = small.worker("ann").joins();
        small.submitAccepted(task("text").subtasks(4));
        slow.takeLease("text", 0, 1);
        Assign first = ann.takeLease("text", 1, 2);
        ann.answers(first.lease(), 1, 2, 1_000);
        ann.hasNothing();
        slow.leaves();
        ann.answers(ann.takeLease("text", 0, 1));
        ann.answersAll();
        small.completes("text");
        small.isOver();
    }

    @Test
    void theBufferOfAllTasksStopsFreshWorkOfThoseThatBuffer() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.bufferedResultBytes = 1_000));
        StoryWorker slow = small.worker("slow").takesOnly("a").joins();
        StoryWorker ann = small.worker("ann").takesOnly("a").joins();
        small.submitAccepted(task("one").type("a").subtasks(100));
        Assign gap = slow.takeLease("one", 0, 1);
        Assign early = ann.takeLease("one", 1, 2);
        ann.answers(early.lease(), 1, 2, 300);
        Assign next = ann.takeLease("one", 2, 3);
        small.submitAccepted(task("two").type("b").subtasks(100));
        small.worker("bob").takesOnly("b").joins().takeLease("two", 0, 1);
        StoryWorker carl = small.worker("carl").takesOnly("b").joins();
        Assign large = carl.takeLease("two", 1, 2);
        carl.answers(large.lease(), 1, 2, 1_000);
        // Both have some, and together they have too much.
        carl.hasNothing();
        ann.answers(next);
        ann.hasNothing();
        slow.answers(gap); // The first has none any more.
        assertTrue(small.ledger("one").leased() > 0);
        carl.hasNothing();
        small.cancel("two");
        small.isCancelled("two");
    }

    @Test
    void theTaskThatBuffersTheMostFailsWhenAllBuffersAreTooMuch() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(
                LimitsOf.with(draft -> draft.bufferedResultBytes = 1_000), draft -> draft.earlyResultBytes = 2_000));
        StoryWorker slow = small.worker("slow").joins();
        StoryWorker bob = small.worker("bob").joins();
        StoryWorker ann = small.worker("ann").joins();
        small.submitAccepted(task("small").subtasks(2));
        Assign below = slow.takeLease("small", 0, 1);
        Assign above = bob.takeLease("small", 1, 2);
        bob.answers(above.lease(), 1, 2, 500);
        small.submitAccepted(task("large").subtasks(3));
        ann.takeLease("large", 0, 1);
        Assign second = bob.takeLease("large", 1, 2);
        bob.answers(second.lease(), 1, 2, 1_200);
        assertEquals(500 + 1_200 + 2 * 112, small.core().earlyResultBytes());
        assertEquals(ledger("1 pending, 1 leased, 1 done"), small.ledger("large"));
        // One more of the small task's would be too much, and the large one has the most.
        StoryWorker carl = small.worker("carl").joins();
        small.submitAccepted(task("third").subtasks(2));
        Assign low = bob.takeLease("third", 0, 1);
        Assign high = carl.takeLease("third", 1, 2);
        carl.answers(high.lease(), 1, 2, 300);
        TaskFailure failure = small.fails("large");
        assertEquals(TaskFailure.Code.LIMIT_EXCEEDED, failure.code());
        assertEquals(
                "results that wait for those of lower subtasks take more than the 2000 bytes that they may in all tasks"
                        + " together, and this task has the most of them, 1312 bytes; let the subtasks return less, or give"
                        + " the server more memory",
                failure.message());
        slow.answers(below);
        bob.answers(low);
        small.completes("small");
        small.completes("third");
        assertEquals(0, small.core().earlyResultBytes());
        CoreInspection.checkInvariants(small.core());
    }

    @Test
    void aTaskOfAnExactCombinerBuffersNothing() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.bufferedResultBytes = 1));
        StoryWorker slow = small.worker("slow").joins();
        StoryWorker ann = small.worker("ann").joins();
        small.submitAccepted(task("sum").subtasks(100).foldedInAnyOrder());
        Assign gap = slow.takeLease("sum", 0, 1);
        ann.answersAll();
        assertEquals(99, small.ledger("sum").done());
        slow.answers(gap);
        small.completes("sum");
        small.isOver();
    }

    @Test
    void tooManyGapsInTheNewestChunkStopFreshWork() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.gapsPerChunk = 2));
        StoryWorker ann = small.worker("ann").slots(4).credit(8).joins();
        small.submitAccepted(task("sum").subtasks(100).foldedInAnyOrder());
        Assign lease = ann.takeLease("sum", 0, 8);
        ann.answers(lease, 1, 2);
        ann.answers(lease, 3, 4);
        StoryWorker bob = small.worker("bob").joins();
        bob.hasNothing();
        ann.answers(lease, 2, 3); // fills one gap: one is left
        bob.takeLease("sum", 8, 9);
    }

    @Test
    void chunksAreClosedWhenTheLastOfThemIsFolded() {
        StoryWorker ann = story.worker("ann").slots(1_024).joins();
        StoryWorker bob = story.worker("bob").slots(1_024).joins();
        story.submitAccepted(task("text").subtasks(5_000));
        while (ann.hasLease() || bob.hasLease()) {
            if (bob.hasLease()) {
                bob.answers(bob.takeLease());
            }
            if (ann.hasLease()) {
                ann.answers(ann.takeLease());
            }
        }
        story.completes("text");
        story.isOver();
    }
}
