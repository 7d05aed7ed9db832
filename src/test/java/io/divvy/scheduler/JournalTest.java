package io.divvy.scheduler;

import static io.divvy.scheduler.TaskPlan.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is done is saved in the background; nobody hears that it is safe before it is. */
class JournalTest {
    private static final long SAVE_DELAY_MS = Limits.DEFAULT.saveDelayMs();

    private final SchedulerStory story = durable(LimitsOf.noTailRules());

    private static SchedulerStory durable(Limits limits) {
        return new SchedulerStory(limits, true, 42);
    }

    @Test
    void anAckWaitsUntilTheAnswerIsDurable() {
        StoryWorker ann = story.worker("ann").credit(10).acks().joins();
        story.submitAccepted(task("squares").subtasks(100));
        Assign lease = ann.takeLease();
        ann.answers(lease, 0, 1);
        ann.hasNoAck();
        story.holdCommits();
        story.pass(SAVE_DELAY_MS);
        ann.hasNoAck();
        story.releaseHeld();
        ann.takeAckOf(lease.lease(), 0, 1);
    }

    @Test
    void aDeferredCommitIsNotDurableWithThoseBehindIt() {
        StoryWorker ann = story.worker("ann").credit(10).acks().joins();
        story.submitAccepted(task("squares").subtasks(100));
        Assign lease = ann.takeLease();
        ann.answers(lease, 0, 1);
        story.holdCommits();
        story.deferCommits();
        story.pass(SAVE_DELAY_MS);
        Event late = story.takeHeld(); // how far the task came
        long request = story.submit(task("other").subtasks(1));
        story.releaseOne();
        story.isAccepted(request, "other", 1);
        ann.hasNoAck();
        story.feed(late);
        ann.takeAckOf(lease.lease(), 0, 1);
    }

    @Test
    void aWorkerThatWentAwayIsToldNothing() {
        StoryWorker ann = story.worker("ann").credit(10).acks().joins();
        story.submitAccepted(task("squares").subtasks(100));
        ann.answers(ann.takeLease(), 0, 1);
        ann.leaves();
        story.pass(SAVE_DELAY_MS);
        assertEquals(1, story.saved("squares").size());
        ann.hasNoAck();
    }

    @Test
    void answersThatFollowEachOtherAreAckedTogether() {
        StoryWorker ann = story.worker("ann").credit(10).acks().joins();
        story.submitAccepted(task("squares").subtasks(100));
        Assign lease = ann.takeLease();
        ann.answers(lease, 0, 1);
        ann.answers(lease, 1, 2);
        story.pass(SAVE_DELAY_MS);
        ann.takeAckOf(lease.lease(), 0, 2);
        ann.hasNoAck();
    }

    @Test
    void aSlowStoreMakesForLargerCommitsNotForMore() {
        StoryWorker ann = story.worker("ann").credit(100).joins();
        story.submitAccepted(task("squares").subtasks(10_000).foldedInAnyOrder());
        story.holdCommits();
        int before = story.saved("squares").size();
        for (int i = 0; i < 5; i++) {
            ann.answers(ann.takeLease());
            story.pass(SAVE_DELAY_MS);
        }
        assertEquals(before + 1, story.saved("squares").size(), "commits while one is under way");
        long done = story.ledger("squares").done();
        story.releaseOne();
        story.pass(1_000);
        assertEquals(before + 2, story.saved("squares").size());
        assertEquals(done, closed(story.saved("squares").get(before + 1)));
    }

    private static long closed(Change.TaskAdvanced change) {
        return change.chunks().stream()
                .flatMap(chunk -> chunk.closed().stream())
                .mapToLong(Range::size)
                .sum();
    }

    @Test
    void whatTakesLongToSaveIsSavedLessOften() {
        StoryWorker ann = story.worker("ann").credit(100).joins();
        story.submitAccepted(task("squares").subtasks(10_000).foldedInAnyOrder());
        story.holdCommits();
        ann.answers(ann.takeLease());
        story.pass(SAVE_DELAY_MS);
        story.pass(50);
        story.releaseHeld();
        ann.answers(ann.takeLease());
        story.pass(199);
        assertEquals(1, story.saved("squares").size());
        story.pass(1);
        assertEquals(2, story.saved("squares").size());
    }

    @Test
    void aTaskThatEndsAtOnceIsSavedTwiceOnly() {
        StoryWorker ann = story.worker("ann").credit(10).acks().joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = ann.takeLease();
        ann.answers(lease);
        story.completes("squares");
        ann.takeAckOf(lease.lease(), 0, 1);
        story.pass(10 * SAVE_DELAY_MS);
        assertEquals(List.of(), story.saved("squares"));
        story.isOver();
    }

    @Test
    void aWorkerKeepsWhatItDidUntilTheEndIsDurable() {
        StoryWorker ann = story.worker("ann").acks().joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = ann.takeLease();
        story.holdCommits();
        ann.answers(lease);
        ann.hasNoAck();
        assertTrue(ann.knows("squares"));
        StoryWorker bob = story.worker("bob").acks().joins();
        bob.offers("squares", 0, 1);
        assertTrue(bob.keeps("squares"));
        story.releaseHeld();
        assertFalse(ann.knows("squares"));
        assertFalse(bob.keeps("squares"));
        ann.takeAckOf(lease.lease(), 0, 1);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aDuplicateIsAckedWhenWhatItRepeatsIsDurable() {
        StoryWorker ann = story.worker("ann").acks().credit(2).joins();
        StoryWorker bob = story.worker("bob").acks().joins();
        story.submitAccepted(task("squares").subtasks(10));
        Assign lease = ann.takeLease();
        bob.takeLease();
        ann.answers(lease, 0, 1);
        bob.offers("squares", 0, 1);
        bob.hasNoAck();
        story.pass(SAVE_DELAY_MS);
        bob.isAcked("squares", 0, 1);
        bob.offers("squares", 0, 1);
        bob.isAcked("squares", 0, 1); // Nothing has to be waited for.
    }

    @Test
    void resultsThatWaitForLowerOnesAreSavedAsTheyCame() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("text").subtasks(100));
        Assign lease = ann.takeLease();
        ann.answers(lease, 1, 2);
        story.pass(SAVE_DELAY_MS);
        ChunkProgress first = only(story.saved("text").get(0));
        assertEquals(List.of(new Range(1, 2)), first.closed());
        assertEquals(0, first.foldedTo());
        assertEquals(List.of(new Range(1, 2)), ranges(first.parts()));
        ann.answers(lease, 0, 1);
        story.pass(SAVE_DELAY_MS);
        ChunkProgress second = only(story.saved("text").get(1));
        assertEquals(2, second.foldedTo(), "the accumulator has them");
        assertEquals(List.of(), second.parts());
        assertEquals(List.of(1L, 2L), List.of(first.seq(), second.seq()));
    }

    @Test
    void resultsThatTheAnswerIsMadeOfAreSavedOnce() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("text").subtasks(100).keepsResults());
        Assign lease = ann.takeLease();
        ann.answers(lease, 0, 1);
        story.pass(SAVE_DELAY_MS);
        ann.answers(lease, 1, 2);
        story.pass(SAVE_DELAY_MS);
        ChunkProgress second = only(story.saved("text").get(1));
        assertEquals(List.of(new Range(0, 2)), second.closed());
        assertEquals(0, second.foldedTo(), "nothing is in an accumulator");
        assertEquals(List.of(new Range(1, 2)), ranges(second.parts()));
    }

    private static ChunkProgress only(Change.TaskAdvanced change) {
        assertEquals(1, change.chunks().size());
        return change.chunks().get(0);
    }

    private static List<Range> ranges(List<Part> parts) {
        return parts.stream().map(part -> new Range(part.from(), part.to())).toList();
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
    void nobodyIsHelpedEitherWhileTooMuchWaitsForTheStore() {
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
    void whileTheStoreFailsNothingNewIsTaken() {
        story.submitAccepted(task("before").subtasks(1).key("key"));
        story.feed(new Event.StoreFailing("the disk is full"));
        Refusal busy = story.isRefused(story.submit(task("meanwhile").subtasks(1)), Refusal.Kind.BUSY);
        assertEquals("the disk is full", busy.message());
        assertEquals(Limits.DEFAULT.busyRetryMs(), busy.retryAfterMs());
        TaskPlan again = task("again").subtasks(1).key("key").fingerprint("what before computes");
        story.isAccepted(story.submit(again), "before", 1); // It exists already.
        story.feed(new Event.StoreRecovered());
        story.submitAccepted(task("meanwhile").subtasks(1));
    }

    @Test
    void aTaskThatTheStoreGivesUpIsRefusedAndLeavesNothing() {
        StoryWorker ann = story.worker("ann").acks().joins();
        story.holdCommits();
        long first = story.submit(task("squares").subtasks(2).key("key"));
        long second = story.submit(task("again").subtasks(2).key("key").fingerprint("what squares computes"));
        Assign lease = ann.takeLease();
        ann.answers(lease);
        story.failsToCreate("squares", "the disk is full");
        assertEquals(
                "the disk is full", story.isRefused(first, Refusal.Kind.BUSY).message());
        assertEquals(
                "the disk is full", story.isRefused(second, Refusal.Kind.BUSY).message());
        ann.takeAllLeases();
        assertFalse(ann.knows("squares"));
        story.releaseHeld();
        story.isOver();
        story.submitAccepted(task("squares").subtasks(2).key("key"));
    }

    @Test
    void nothingOfATaskThatTheStoreGaveUpIsAcked() {
        StoryWorker ann = story.worker("ann").credit(10).acks().joins();
        story.holdCommits();
        long request = story.submit(task("squares").subtasks(100));
        ann.answers(ann.takeLease(), 0, 1);
        story.pass(SAVE_DELAY_MS);
        story.failsToCreate("squares", "the disk is full");
        story.isRefused(request, Refusal.Kind.BUSY);
        story.releaseHeld();
        ann.hasNoAck();
    }

    @Test
    void aTaskThatEndedBeforeTheStoreGaveItUpIsRefusedToo() {
        StoryWorker ann = story.worker("ann").joins();
        story.holdCommits();
        long request = story.submit(task("squares").subtasks(1));
        ann.answers(ann.takeLease());
        story.failsToCreate("squares", "the disk is full");
        story.isRefused(request, Refusal.Kind.BUSY);
        story.releaseHeld();
        story.isOver();
    }

    @Test
    void whoAnswersAgainAndAgainWhileTheStoreIsAwayIsNotKeptInMindForEver() {
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
