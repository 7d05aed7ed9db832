package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results that wait for the store are bounded: at the bound nothing is leased, and nothing more is remembered. */
class UnsavedResultsTest {
    private static final long SAVE_DELAY_MS = Limits.DEFAULT.saveDelayMs();

    private final SchedulerStory story = durable(LimitsOf.noTailRules());

    private static SchedulerStory durable(Limits limits) {
        return new SchedulerStory(limits, true, 42);
    }

    @Test
    void nothingIsLeasedWhileTooMuchWaitsForTheStore() {
        SchedulerStory tight =
                durable(LimitsOf.with(LimitsOf.noTailRules(), draft -> draft.unsavedResultBytes = 1_000));
        StoryWorker ann = tight.worker("ann").credit(10).joins();
        tight.submitAccepted(task("large").subtasks(100));
        tight.holdCommits();
        Assign lease = ann.takeLease();
        ann.answers(lease.lease(), lease.from(), lease.to(), 5_000);
        ann.hasNothing();
        assertEquals(
                List.of(new Explanation.HeldBack(Explanation.Bound.UNSAVED_RESULT_BYTES, 1_000)),
                tight.explain("large"));
        tight.pass(SAVE_DELAY_MS);
        ann.hasNothing();
        tight.releaseHeld();
        ann.takeLease();
    }

    @Test
    void othersAreLeasedWhileTheLargeResultsOfOneTaskWaitForTheStore() {
        SchedulerStory tight =
                durable(LimitsOf.with(LimitsOf.noTailRules(), draft -> draft.unsavedResultBytes = 100_000));
        StoryWorker ann = tight.worker("ann").credit(10).joins();
        tight.submitAccepted(task("large").subtasks(100));
        tight.submitAccepted(task("small").subtasks(10));
        tight.holdCommits();
        Assign lease = ann.takeLease("large", 0, 2);
        ann.answers(lease.lease(), lease.from(), lease.to(), 200_000);
        assertEquals(
                List.of(new Explanation.HeldBack(Explanation.Bound.UNSAVED_RESULT_BYTES, 100_000)),
                tight.explain("large"));
        while (ann.hasLease()) {
            Assign small = ann.takeLease();
            assertEquals("small", small.task().value());
            ann.answers(small);
        }
        assertEquals(10, tight.ledger("small").done());
        tight.pass(SAVE_DELAY_MS);
        ann.hasNothing();
        tight.releaseHeld();
        assertEquals("large", ann.takeLease().task().value());
    }

    @Test
    void nothingIsLeasedWhileLittleOfVeryManyTasksWaitsForTheStore() {
        SchedulerStory tight =
                durable(LimitsOf.with(LimitsOf.noTailRules(), draft -> draft.unsavedResultBytes = 20_000));
        StoryWorker ann = tight.worker("ann").credit(10).joins();
        for (int i = 0; i < 200; i++) {
            tight.submitAccepted(task("small-" + i).subtasks(100));
        }
        tight.holdCommits();
        while (ann.hasLease()) {
            ann.answers(ann.takeLease());
        }
        assertTrue(tight.core().unsavedResultBytes() >= 20_000);
        assertTrue(tight.core().unsavedResultBytes() <= 21_000, "each task could have 312");
        tight.pass(SAVE_DELAY_MS);
        tight.releaseHeld();
        ann.takeLease();
    }

    @Test
    void anOfferThatCrossesChunksIsChargedOnce() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("large").subtasks(5_000));
        story.holdCommits();
        ann.offers("large", 1_000, 3_000);
        long shareOfChunkBytes = 64;
        assertEquals(
                IndexResults.of(1_000, 3_000).sizeBytes() + 3 * shareOfChunkBytes,
                story.core().unsavedResultBytes());
    }

    @Test
    void noSubtaskIsCopiedWhileTooMuchWaitsForTheStore() {
        SchedulerStory tight = durable(LimitsOf.with(Limits.DEFAULT, draft -> draft.unsavedResultBytes = 1_000));
        StoryWorker ann = tight.worker("ann").joins();
        StoryWorker bob = tight.worker("bob").joins();
        tight.submitAccepted(task("squares").subtasks(2));
        StoryWorker eve = tight.worker("eve").joins();
        ann.takeLease();
        Assign bobs = bob.takeLease();
        tight.holdCommits();
        bob.answers(bobs.lease(), bobs.from(), bobs.to(), 5_000);
        tight.pass(2_000);
        eve.hasNothing();
        tight.releaseHeld();
        tight.pass(2_000);
        eve.takeLease("squares", 0, 1);
    }

    @Test
    void aWorkerMayBeAskedToLeaveWhileTooMuchWaitsForTheStore() {
        SchedulerStory tight =
                durable(LimitsOf.with(LimitsOf.noTailRules(), draft -> draft.unsavedResultBytes = 1_000));
        StoryWorker ann = tight.worker("ann").credit(10).joins();
        StoryWorker bob = tight.worker("bob").takesOnly("letters").joins();
        tight.submitAccepted(task("large").subtasks(100));
        tight.holdCommits();
        Assign lease = ann.takeLease();
        ann.answers(lease.lease(), lease.from(), lease.to(), 5_000);
        bob.isAskedToDrain();
        bob.isToldToGoAway();
        bob.drains();
        bob.leaves();
        tight.releaseHeld();
    }

    @Test
    void duplicatesWhileTheStoreIsAwayAreRememberedForAckUpToABound() {
        story.checkEvery(1_000_000);
        StoryWorker ann = story.worker("ann").slots(10).credit(10).acks().joins();
        story.submitAccepted(task("squares").subtasks(100));
        Assign lease = ann.takeLease();
        long[] acks = {0};
        story.holdCommits();
        for (int again = 0; again < 100_000; again++) {
            if (again == 10_000) {
                story.pass(SAVE_DELAY_MS); // From now on they wait for a commit that is under way.
            }
            ann.answers(lease, again % 2, again % 2 + 1);
        }
        story.listen(effect -> acks[0] += effect instanceof Effect.Ack ? 1 : 0);
        story.releaseHeld();
        assertTrue(acks[0] > 2 && acks[0] <= 30_000, acks[0] + " acks were kept");
        acks[0] = 0;
        ann.answers(lease, 0, 1);
        assertEquals(1, acks[0], "the store is back, and all is as before");
    }
}
