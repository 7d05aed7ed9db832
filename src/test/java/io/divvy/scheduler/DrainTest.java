package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import org.junit.jupiter.api.Test;

/** A worker is asked to leave. */
class DrainTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aWorkerThatIsAskedToDrainGetsNothingNew() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(3));
        Assign started = ann.takeLease("squares", 0, 1);

        ann.isAskedToDrain();

        ann.isToldToGoAway();
        assertTrue(story.core().worker(ann.id).draining());
        ann.answers(started);
        assertFalse(ann.hasLease(), "it finishes what it has, and that is all");
        bob.answersAll();
        assertEquals(0, story.completes("squares").retries());
        story.isOver();
    }

    @Test
    void anIdleWorkerGoesAwayWithoutBeingMissed() {
        StoryWorker ann = story.worker("ann").joins();
        ann.isAskedToDrain();
        ann.isToldToGoAway();
        ann.drains();
        ann.leaves();
        assertNull(story.core().worker(ann.id));
        story.isOver();
    }

    @Test
    void indexesThatADrainingWorkerReleasesAreNoSuspects() {
        StoryWorker ann = story.worker("ann").slots(2).credit(8).joins();
        story.submitAccepted(task("squares").subtasks(8));
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.isAskedToDrain();
        ann.isToldToGoAway();
        ann.drains();
        ann.answers(lease, 0, 2);
        ann.leaves();

        StoryWorker bob = story.worker("bob").joins();
        bob.answersAll();
        assertEquals(0, story.completes("squares").retries(), "no death was counted");
        story.isOver();
    }

    @Test
    void aDeathBeforeTheWorkerSaysThatItDrainsCastsSuspicion() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        ann.takeLease("squares", 0, 1);
        ann.isAskedToDrain();
        ann.isToldToGoAway();
        ann.leaves();

        story.worker("bob").joins().answersAll();
        assertEquals(1, story.completes("squares").retries());
        story.isOver();
    }

    @Test
    void askingAWorkerToDrainTwiceIsAskingOnce() {
        StoryWorker ann = story.worker("ann").joins();
        ann.isAskedToDrain();
        ann.isToldToGoAway();
        ann.isAskedToDrain();
        ann.hasNothing();
    }

    @Test
    void aPlainWorkerIsLetGoOnceItIsIdle() {
        StoryWorker pat = story.worker("pat").plain().joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign started = pat.takeLease("squares", 0, 1);

        pat.isAskedToDrain();
        pat.hasNothing();
        assertTrue(story.core().worker(pat.id).draining());

        pat.answers(started);
        pat.isDropped("drained");
        assertNull(story.core().worker(pat.id));
        story.worker("bob").joins().answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anIdlePlainWorkerIsLetGoAtOnce() {
        StoryWorker pat = story.worker("pat").plain().joins();
        pat.isAskedToDrain();
        pat.isDropped("drained");
        story.isOver();
    }

    @Test
    void aPlainWorkerThatHangsIsLetGoWhenItsTimeIsUp() {
        StoryWorker pat = story.worker("pat").plain().joins();
        story.submitAccepted(task("squares").subtasks(1));
        pat.takeLease("squares", 0, 1);
        pat.isAskedToDrain();
        pat.hasNothing();

        story.pass(Limits.DEFAULT.plainLeaseMs());

        pat.isDropped("drained");
        story.worker("bob").joins().answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aWorkerThatLeftCannotBeAskedToDrain() {
        StoryWorker ann = story.worker("ann").joins();
        ann.leaves();
        ann.isAskedToDrain();
        story.isOver();
    }
}
