package io.divvy.scheduler;

import static io.divvy.scheduler.TaskPlan.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** A worker that lost its connection offers what it did on a new one; and it hears what need not be offered again. */
class OfferTest {
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    @Test
    void anAckSaysWhatIsDurable() {
        StoryWorker ann = story.worker("ann").slots(2).acks().joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign first = ann.takeLease("squares", 0, 1);
        Assign second = ann.takeLease("squares", 1, 2);
        ann.answers(first);
        ann.isAcked(first.lease(), 0, 1);
        ann.answers(second);
        ann.isAcked(second.lease(), 1, 2);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void whatWasDoneBeforeTheConnectionBrokeIsNotDoneAgain() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(3));
        ann.takeLease("squares", 0, 1);
        ann.leaves();
        StoryWorker annAgain = story.worker("ann").acks().joins();
        annAgain.takeLease("squares", 0, 1);
        annAgain.offers("squares", 0, 1);
        annAgain.isAcked("squares", 0, 1);
        assertEquals(1, story.ledger("squares").done());
        assertEquals(0, story.snapshot("squares").duplicates());
        annAgain.takeLease("squares", 1, 2); // It need not answer what it offered.
    }

    @Test
    void whatCannotBeUsedHasFailedWhereALeaseWaitsForIt() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(2));
        ann.takeLease("squares", 0, 1);
        ann.leaves();
        StoryWorker annAgain = story.worker("ann").acks().joins();
        annAgain.takeLease("squares", 0, 1);
        annAgain.offersNonsense("squares", 0, "expected a number");
        annAgain.isAcked("squares", 0, 1);
        assertEquals(2, story.snapshot("squares").retries(), "once for the lost connection, once for the nonsense");

        story.pass(1_000);
        Assign again = annAgain.takeLease("squares", 0, 1);
        annAgain.answers(again);
        annAgain.isAcked(again.lease(), 0, 1);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void whatCannotBeUsedAndNobodyWaitsForIsOnlyDropped() {
        StoryWorker ann = story.worker("ann").acks().joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign first = ann.takeLease("squares", 0, 1);
        ann.offersNonsense("squares", 1, "expected a number");
        ann.isAcked("squares", 1, 2);
        assertEquals(0, story.snapshot("squares").retries());
        ann.answers(first);
        ann.isAcked(first.lease(), 0, 1);
        ann.answers(ann.takeLease("squares", 1, 2));
    }

    @Test
    void whatIsDoneAlreadyIsDroppedAndAckedAllTheSame() {
        StoryWorker ann = story.worker("ann").acks().joins();
        story.submitAccepted(task("squares").subtasks(3));
        Assign lease = ann.takeLease("squares", 0, 1);
        ann.answers(lease);
        ann.isAcked(lease.lease(), 0, 1);
        Assign next = ann.takeLease("squares", 1, 2);
        ann.offers("squares", 0, 1);
        ann.isAcked("squares", 0, 1);
        assertEquals(1, story.snapshot("squares").duplicates());
        ann.answers(next);
        ann.isAcked(next.lease(), 1, 2);
        Assign last = ann.takeLease("squares", 2, 3);
        ann.answers(last);
        ann.isAcked(last.lease(), 2, 3);
        story.completes("squares");
    }

    @Test
    void whatWasNeverLeasedByThisServerIsTakenAcrossChunks() {
        story.submitAccepted(task("squares").subtasks(5_000));
        StoryWorker ann = story.worker("ann").takesOnly("nothing of this").joins();
        ann.offers("squares", 1_000, 3_000);
        assertEquals(new Ledger(5_000, 3_000, 0, 2_000, 0, 0), story.ledger("squares"));
        StoryWorker bob = story.worker("bob").slots(100).joins();
        while (bob.hasLease()) {
            Assign lease = bob.takeLease();
            assertFalse(lease.from() < 3_000 && lease.to() > 1_000, () -> lease + " is done already");
            bob.answers(lease);
        }
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anOfferForATaskThatEndedIsForgotten() {
        StoryWorker ann = story.worker("ann").joins();
        ann.offers("gone", 0, 5);
        story.isOver();
    }

    @Test
    void anOfferBeyondTheTaskIsRefused() {
        story.submitAccepted(task("squares").subtasks(5));
        StoryWorker ann = story.worker("ann").takesOnly("nothing of this").joins();
        ann.offers("squares", 3, 6);
        ann.isRefused(Problem.Kind.BAD_MESSAGE);
        assertEquals(new Ledger(5, 5, 0, 0, 0, 0), story.ledger("squares"));
    }
}
