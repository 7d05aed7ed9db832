package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The end of a task: who has nothing to do helps those that still hold something. */
class TailTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void revokeTakesUnstartedIndexesFromTheSlowestWorker() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("squares").subtasks(4));
        Assign anns = ann.takeLease("squares", 0, 2);
        StoryWorker bob = story.worker("bob").joins();
        bob.answers(bob.takeLease("squares", 2, 3));
        bob.answers(bob.takeLease("squares", 3, 4));

        // Nobody is asked before it is worth it.
        story.pass(24);
        ann.hasNothing();
        story.pass(1);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(anns.lease(), revoke.lease());
        assertEquals(1, revoke.from(), "what it runs is left to it");

        ann.releases(revoke, 1);
        bob.answers(bob.takeLease("squares", 1, 2));
        ann.answers(anns, 0, 1);
        assertEquals(0, story.completes("squares").duplicates());
        story.isOver();
    }

    @Test
    void aWorkerThatHasStartedAllReleasesNothing() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign first = ann.takeLease();
        Assign second = ann.takeLease();
        story.worker("bob").joins();
        story.pass(100);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        ann.releases(revoke, second.to());
        assertEquals(ledger("2 leased"), story.ledger("squares"));
        ann.answers(first);
        ann.answers(second);
        story.completes("squares");
    }

    @Test
    void aReleaseBeyondTheEndOfALeaseReleasesNothing() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign first = ann.takeLease();
        Assign second = ann.takeLease();
        story.worker("bob").joins();
        story.pass(30);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        ann.releases(revoke, 1L << 50);
        ann.hasNothing();
        ann.releases(revoke, second.to());
        ann.isRefused(Refusal.Kind.BAD_MESSAGE);
        assertEquals(ledger("2 leased"), story.ledger("squares"));
        ann.answers(first);
        ann.answers(second);
        story.completes("squares");
    }

    @Test
    void aRevokeThatCrossesTheAnswerIsAnsweredAllTheSame() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign first = ann.takeLease();
        Assign second = ann.takeLease();
        story.worker("bob").joins();
        story.pass(100);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        ann.answers(second);
        ann.releases(revoke, second.to());
        ann.answers(first);
        ann.hasNothing();
        story.completes("squares");
    }

    @Test
    void aSlowSubtaskIsCopiedAndTheFirstAnswerCounts() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign anns = ann.takeLease("squares", 0, 1);
        bob.answers(bob.takeLease("squares", 1, 2));

        story.pass(200);
        Assign again = bob.takeLease("squares", 0, 1);
        assertEquals(ledger("1 leased, 1 done"), story.ledger("squares"), "an index counts once");
        bob.answers(again);
        story.completes("squares");
        ann.isToldToCancel("squares");
        ann.answers(anns);
        story.isOver();
    }

    @Test
    void theOriginalWorkerMayAnswerBeforeTheCopy() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign anns = ann.takeLease("squares", 0, 1);
        bob.answers(bob.takeLease("squares", 1, 2));
        story.pass(200);
        bob.takeLease("squares", 0, 1);
        ann.answers(anns);
        story.completes("squares");
        bob.isToldToCancel("squares");
        story.isOver();
    }

    @Test
    void theDeathOfOneOfTwoHoldersLosesNothing() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        ann.takeLease("squares", 0, 1);
        bob.answers(bob.takeLease("squares", 1, 2));
        story.pass(200);
        Assign again = bob.takeLease("squares", 0, 1);
        ann.leaves();
        assertEquals(ledger("1 leased, 1 done"), story.ledger("squares"), "bob still runs it");
        bob.answers(again);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void theDeathOfBothHoldersMakesTheIndexPendingAgain() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        ann.takeLease("squares", 0, 1);
        bob.answers(bob.takeLease("squares", 1, 2));
        story.pass(200);
        bob.takeLease("squares", 0, 1);
        ann.leaves();
        bob.leaves();
        assertEquals(ledger("1 pending, 1 done"), story.ledger("squares"));
        StoryWorker eve = story.worker("eve").joins();
        eve.answers(eve.takeLease("squares", 0, 1));
        story.completes("squares");
        story.isOver();
    }

    @Test
    void theFailureOfOneOfTwoHoldersCostsAnAttemptAndNoTime() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign anns = ann.takeLease("squares", 0, 1);
        bob.answers(bob.takeLease("squares", 1, 2));
        story.pass(200);
        Assign again = bob.takeLease("squares", 0, 1);
        ann.fails(anns, 0);
        assertEquals(ledger("1 leased, 1 done"), story.ledger("squares"), "bob still runs it");
        assertEquals(1, story.snapshot("squares").retries());
        bob.answers(again);
        story.completes("squares");
    }

    @Test
    void aSubtaskOfAPlainWorkerIsCopiedToo() {
        StoryWorker pat = story.worker("pat").plain().joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign pats = pat.takeLease("squares", 0, 1);
        StoryWorker bob = story.worker("bob").joins();
        story.pass(200);
        bob.answers(bob.takeLease("squares", 0, 1));
        story.completes("squares");
        pat.answers(pats);
        story.isOver();
    }

    @Test
    void nothingIsCopiedWithoutAWorkerThatTakesTheType() {
        StoryWorker ann = story.worker("ann").joins();
        story.worker("other").takesOnly("letters").joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = ann.takeLease();
        story.pass(10_000);
        ann.hasNothing();
        ann.answers(lease);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aSlowWorkerHoldsUpNobody() {
        double idealMs = 10_000 / 3.1; // the sum of speeds, a millisecond
        long ms = tenThousandSubtasks(new SchedulerStory(), 0);
        assertTrue(ms <= 1.15 * idealMs, ms + " ms, ideal is " + idealMs);
    }

    /** Each of the tasks is looked at once a second. */
    @Test
    void lookingCostsTheSameHoweverManyLeasesAWorkerHolds() {
        int tasks = 5_000;
        story.checkEvery(1_000_000);
        StoryWorker ann = story.worker("ann").credit(tasks).joins();
        for (int i = 0; i < tasks; i++) {
            story.submitAccepted(task("quick" + i).subtasks(1));
        }
        while (ann.hasLease()) { // It shows that it is worth that many.
            List<Assign> quick = ann.takeAllLeases();
            story.pass(1);
            quick.forEach(ann::answers);
        }
        story.takeReplies();
        for (int i = 0; i < tasks; i++) {
            story.submitAccepted(task("t" + i).subtasks(1));
        }
        int held = story.core().workers().get(0).openLeases();
        assertTrue(held > tasks / 2, held + " leases");
        assertTimeout(Duration.ofSeconds(2), () -> story.pass(10_000));
    }

    /** Its leases were cut for a fast worker, and it holds a second's worth of them when it becomes slow. */
    @Test
    void nobodyWaitsForAWorkerThatBecomesSlow() {
        double idealMs = 1_000 + 6_000 / 3.1; // a second at 4 a millisecond, the rest at 3.1
        long withRules = tenThousandSubtasks(new SchedulerStory(), 1_000);
        long without = tenThousandSubtasks(new SchedulerStory(LimitsOf.noTailRules()), 1_000);
        assertTrue(withRules <= 1.15 * idealMs, withRules + " ms with the tail rules, ideal is " + idealMs);
        assertTrue(without > 1.15 * idealMs, without + " ms without them, ideal is " + idealMs);
        assertTrue(withRules < 0.9 * without, withRules + " ms with them, " + without + " ms without");
    }

    /**
     * Three workers that take a millisecond for a subtask, and one that takes ten.
     *
     * @param fastSubtasks after which the slow one becomes slow
     */
    private static long tenThousandSubtasks(SchedulerStory story, int fastSubtasks) {
        story.checkEvery(100);
        List<TimedWorker> workers = Stream.of("a", "b", "c", "slow")
                .map(name -> new TimedWorker(
                        story,
                        story.worker(name).credit(10_000).joins(),
                        done -> name.equals("slow") && done >= fastSubtasks ? 10 : 1))
                .toList();
        story.submitAccepted(task("squares").subtasks(10_000));
        long ms = TimedWorker.run(story, workers);
        story.completes("squares");
        return ms;
    }
}
