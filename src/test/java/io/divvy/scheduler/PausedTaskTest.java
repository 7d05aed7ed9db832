package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskPatch;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A paused task gets no new leases; all else of it goes on. */
class PausedTaskTest {
    private static final TaskPatch PAUSE = TaskPatch.paused(true);
    private static final TaskPatch RESUME = TaskPatch.paused(false);

    private final SchedulerStory story = new SchedulerStory(Limits.DEFAULT, true, 42);

    private void pause(SchedulerStory in, String task) {
        in.isPatched(in.patch(task, PAUSE), task);
    }

    private void resume(SchedulerStory in, String task) {
        in.isPatched(in.patch(task, RESUME), task);
    }

    @Test
    void nothingOfItIsLeasedUntilItIsResumed() {
        story.submitAccepted(task("text").subtasks(2));
        pause(story, "text");
        assertTrue(story.snapshot("text").spec().paused());
        StoryWorker ann = story.worker("ann").slots(2).joins();
        story.pass(1_000);
        ann.hasNothing();
        assertEquals(List.of(new Explanation.Paused()), story.explain("text"));
        resume(story, "text");
        assertFalse(story.snapshot("text").spec().paused());
        ann.answersAll();
        story.completes("text");
        story.isOver();
    }

    @Test
    void othersGoOn() {
        story.submitAccepted(task("paused").priority(5));
        pause(story, "paused");
        story.submitAccepted(task("other").subtasks(1));
        story.worker("ann").joins().takeLease("other", 0, 1);
    }

    @Test
    void whatRunsGoesOnAndCountsAndWhatIsUnstartedIsAskedBack() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("text").subtasks(100));
        List<Assign> held = ann.takeAllLeases();
        pause(story, "text");
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        Assign first = held.get(0);
        assertTrue(revoke.lease() != first.lease() || revoke.from() > 0, () -> "what runs is left alone: " + revoke);
        ann.releases(revoke, revoke.from());
        ann.answers(first, 0, 1);
        assertEquals(1, story.ledger("text").done());
        ann.hasNothing();
        resume(story, "text");
        ann.takeLease();
    }

    @Test
    void aLeaseWhosePayloadsAreBeingMadeIsNotSent() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(1));
        pause(story, "text");
        story.releaseHeld();
        story.takeReplies();
        assertFalse(ann.hasLease());
        assertEquals(1, story.ledger("text").pending());
        resume(story, "text");
        assertTrue(ann.hasLease());
    }

    @Test
    void itCompletesIfWhatRanWasTheLastOfIt() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(1));
        Assign lease = ann.takeLease("text", 0, 1);
        pause(story, "text");
        assertInstanceOf(Explanation.Running.class, story.explain("text").get(0));
        assertEquals(new Explanation.Paused(), story.explain("text").get(1));
        ann.answers(lease);
        story.completes("text");
        story.isOver();
    }

    /** A copy of what runs would be a new lease. */
    @Test
    void nobodyGetsACopyOfWhatRuns() {
        StoryWorker slow = story.worker("slow").joins();
        story.submitAccepted(task("text").subtasks(1));
        slow.takeLease("text", 0, 1);
        StoryWorker idle = story.worker("idle").joins();
        pause(story, "text");
        for (int i = 0; i < 30; i++) {
            story.pass(1_000);
            slow.beats();
            idle.beats();
        }
        idle.hasNothing();
        resume(story, "text");
        story.pass(2_000);
        idle.takeLease("text", 0, 1);
    }

    @Test
    void whatFailedMeanwhileIsTriedAgainOnceItIsResumed() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(1));
        Assign lease = ann.takeLease("text", 0, 1);
        pause(story, "text");
        ann.fails(lease, 0);
        story.pass(2_000);
        ann.beats();
        ann.hasNothing();
        resume(story, "text");
        ann.takeLease("text", 0, 1);
    }

    @Test
    void itCanBeCancelledAndTimesOut() {
        story.submitAccepted(task("unwanted"));
        pause(story, "unwanted");
        story.cancel("unwanted");
        story.isCancelled("unwanted");
        story.submitAccepted(task("late").timeoutMs(60_000));
        pause(story, "late");
        story.pass(60_000);
        assertEquals(TaskFailure.Code.TIMEOUT, story.fails("late").code());
        story.isOver();
    }

    @Test
    void itIsPausedAfterARestart() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(2));
        Assign lease = ann.takeLease();
        pause(story, "text");
        story.takeReplies();
        SchedulerStory after = story.restart();
        StoryWorker again = after.worker("ann").acks().joins();
        again.offers("text", lease.from(), lease.from() + 1);
        after.pass(60);
        again.isAcked("text", lease.from(), lease.from() + 1);
        for (int i = 0; i < 5; i++) {
            after.pass(1_000);
            again.beats();
        }
        again.hasNothing();
        assertEquals(List.of(new Explanation.Paused()), after.explain("text"));
        resume(after, "text");
        again.answersAll();
        after.completes("text");
    }

    /** With nothing else to do a worker is kept free for a suspect; a paused task has no use for it. */
    @Test
    void noWorkerIsKeptForASuspectOfIt() {
        SchedulerStory quick = new SchedulerStory(LimitsOf.noTailRules(), true, 42);
        quick.submitAccepted(task("deadly").subtasks(1).priority(-5));
        for (int i = 0; i < 2; i++) {
            StoryWorker victim = quick.worker("victim" + i).joins();
            victim.takeLease("deadly", 0, 1);
            victim.leaves();
        }
        quick.submitAccepted(task("long").subtasks(1));
        StoryWorker busy = quick.worker("busy").slots(2).joins();
        busy.takeLease("long", 0, 1);
        quick.submitAccepted(task("usual").subtasks(1).priority(-5));
        busy.hasNothing();
        pause(quick, "deadly");
        busy.takeLease("usual", 0, 1);
    }
}
