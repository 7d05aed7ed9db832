package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
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
    void aTaskThatTakesLongToSaveIsSavedLessOften() {
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
}
