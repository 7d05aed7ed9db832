package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** One result for several subtasks: it counts for all of them, or for none. */
class CombinedTest {
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());
    private final StoryWorker ann = story.worker("ann").slots(4).joins();

    @Test
    void aWorkerFoldsPartsOfItsLease() {
        story.submitAccepted(task("squares").subtasks(32).foldable());
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.answersCombined(lease, 2, 4);
        ann.answersCombined(lease, 0, 1);
        ann.answers(lease, 1, 2);
        assertEquals(4, story.ledger("squares").done());
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aPartThatIsAnsweredAlreadyDropsItWhole() {
        story.submitAccepted(task("squares").subtasks(32).foldable());
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.answers(lease, 1, 2);
        ann.answersCombined(lease, 0, 4);
        assertEquals(1, story.ledger("squares").done(), "what overlaps cannot be told apart");
        assertEquals(1, story.snapshot("squares").duplicates());
        ann.answersAll();
        assertEquals(32, story.completes("squares").ledger().done());
        story.isOver();
    }

    @Test
    void combinedResultsAreAckedOnlyIfTheyCounted() {
        StoryWorker eve = story.worker("eve").takesOnly("sums").slots(4).acks().joins();
        story.submitAccepted(task("sum").type("sums").subtasks(32).foldable());
        ann.leaves();
        Assign lease = eve.takeLease();
        eve.answersCombined(lease, lease.from(), lease.from() + 1);
        eve.takeAckOf(lease.lease(), lease.from(), lease.from() + 1);
        eve.answersCombined(lease, lease.from(), lease.to());
        eve.hasNoAck();
    }

    @Test
    void aPartThatAnotherWorkerDidDropsItWhole() {
        story.submitAccepted(task("squares").subtasks(32).foldable());
        Assign lease = ann.takeLease("squares", 0, 4);
        StoryWorker bob = story.worker("bob").joins();
        bob.offers("squares", 2, 3);
        ann.answersCombined(lease, 0, 4);
        assertEquals(1, story.ledger("squares").done());
        assertEquals(1, story.snapshot("squares").duplicates());
        ann.answersAll();
        bob.answersAll();
        story.takeReplies();
    }

    @Test
    void aCombinedResultWithAFailedSubtaskIsDropped() {
        story.submitAccepted(task("squares").subtasks(4).foldable());
        Assign lease = ann.takeLease();
        ann.fails(lease, lease.from());
        ann.answersCombined(lease, lease.from(), lease.from() + 1);
        assertEquals(0, story.ledger("squares").done(), "its attempt failed; another one will be made");
        ann.answersCombined(lease, lease.from() + 1, lease.to());
        story.pass(200);
        ann.answersAll();
        story.completes("squares");
    }

    @Test
    void aLateCombinedResultCountsIfAllOfItsIndexesAreOpen() {
        story.submitAccepted(task("hangs").subtasks(32).foldable().subtaskTimeoutMs(1_000));
        Assign lease = ann.takeLease("hangs", 0, 4);
        story.pass(2_000);
        ann.answersCombined(lease, 1, 4);
        assertEquals(3, story.ledger("hangs").done());
        ann.answersCombined(lease, 1, 4);
        assertEquals(3, story.ledger("hangs").done());
        assertEquals(3, story.snapshot("hangs").duplicates());
    }

    @Test
    void aTaskThatIsNotFoldableTakesNoCombinedResults() {
        story.submitAccepted(task("squares").subtasks(32));
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.answersCombined(lease, 0, 4);
        ann.isRefused(Refusal.Kind.BAD_MESSAGE);
        assertEquals(0, story.ledger("squares").done());
        ann.answers(lease);
        ann.answersAll();
        story.completes("squares");
    }
}
