package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskId;
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
    void anOfferAfterAReconnectCounts() {
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
    void anOfferThatCannotBeUsedIsAFailureWhereALeaseWaitsForIt() {
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
    void anOfferThatCannotBeUsedAndNoLeaseWaitsForIsDropped() {
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
    void anOfferOfDoneIndexesIsDroppedAndAcked() {
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
    void anOfferOfIndexesThatWereNeverLeasedCountsAcrossChunks() {
        story.submitAccepted(task("squares").subtasks(5_000));
        StoryWorker ann = story.worker("ann").joins();
        ann.offers("squares", 1_000, 3_000);
        assertEquals(ledger("2999 pending, 1 leased, 2000 done"), story.ledger("squares"));
        ann.leaves();
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
        assertFalse(ann.keeps("gone"));
        story.isOver();
    }

    @Test
    void anOfferForATaskThatEndedIsForgottenThoughItsSenderCallsAnotherOneTheSameNow() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("first").subtasks(4).plainId("job-1"));
        ann.takeLease("first", 0, 1);
        ann.leaves();
        story.cancel("first");
        story.isCancelled("first");

        story.submitAccepted(task("second").subtasks(4).plainId("job-1"));
        StoryWorker annAgain = story.worker("ann").acks().joins();
        annAgain.offers("first", 0, 1);
        assertFalse(annAgain.keeps("first"));
        assertEquals(ledger("3 pending, 1 leased"), story.ledger("second"));
    }

    @Test
    void anOfferOfAWorkerThatDoesNotTakeTheTypeDoesNotCount() {
        story.submitAccepted(task("squares").subtasks(4).type("numbers"));
        StoryWorker ann = story.worker("ann").takesOnly("letters").acks().joins();
        ann.offers("squares", 0, 2);
        Refusal refusal = ann.isRefused(Refusal.Kind.BAD_MESSAGE);
        assertEquals(
                "task squares is of type numbers, which is not among the task_types of this worker; its results of it do"
                        + " not count",
                refusal.message());
        assertFalse(ann.keeps("squares"));
        assertEquals(ledger("4 pending"), story.ledger("squares"));

        ann.offersNonsense("squares", 1, "expected a number");
        ann.isRefused(Refusal.Kind.BAD_MESSAGE);
        assertFalse(ann.keeps("squares"));
        assertEquals(0, story.snapshot("squares").retries());
    }

    @Test
    void anOfferBeyondTheTaskIsRefused() {
        story.submitAccepted(task("squares").subtasks(5));
        StoryWorker ann = story.worker("ann").joins();
        ann.offers("squares", 3, 6);
        ann.isRefused(Refusal.Kind.BAD_MESSAGE);
        assertEquals(ledger("4 pending, 1 leased"), story.ledger("squares"));
    }

    @Test
    void offersOfIndexesThatWereNeverLeasedOpenFewChunks() {
        long subtasks = Limits.DEFAULT.subtasksPerTask();
        long chunk = Limits.chunkSize(subtasks);
        story.submitAccepted(task("huge").subtasks(subtasks));
        StoryWorker ann =
                story.worker("ann").acks().takesOnly("numbers", "other").joins();
        ann.takeLease("huge", 0, 1);
        ann.offers("huge", subtasks - 1, subtasks);
        ann.isAcked("huge", subtasks - 1, subtasks); // It is done anew by whoever is leased it.
        assertEquals(0, story.ledger("huge").done());
        for (long at = chunk; at < 100 * chunk; at += chunk) {
            ann.offers("huge", at, at + 1);
            ann.isAcked("huge", at, at + 1);
        }
        assertTrue(story.ledger("huge").done() > 0, "a little ahead is taken");
        assertTrue(
                CoreInspection.openChunks(story.core(), new TaskId("huge")) <= Limits.CHUNKS_OPENED_BY_OFFERS + 1,
                () -> CoreInspection.openChunks(story.core(), new TaskId("huge")) + " chunks are open");
    }

    @Test
    void anOfferLeavesTheOrderOfIdleWorkersAsItWas() {
        StoryWorker eve = story.worker("eve").slots(2).joins();
        story.submitAccepted(task("open").subtasks(2));
        assertTrue(eve.takeAllLeases().size() > 0);
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        ann.offers("open", 0, 1);
        assertEquals(1, story.ledger("open").done());
        story.submitAccepted(task("next").subtasks(1));
        assertTrue(ann.hasLease() && !bob.hasLease(), "ann has been idle the longest");
    }
}
