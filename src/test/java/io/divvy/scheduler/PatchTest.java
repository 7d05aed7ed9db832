package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskPatch;
import io.divvy.testing.LimitsOf;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What changes of a task while it is open. */
class PatchTest {
    /** Within so much more than the time that something may wait it is looked at. */
    private static final long LOOK_MS = 50;

    private static final TaskPatch URGENT = TaskPatch.priority(5);

    private final SchedulerStory story = story();

    private static SchedulerStory story() {
        return new SchedulerStory(LimitsOf.noTailRules(), true, 42);
    }

    @Test
    void theNextLeaseIsOfTheTaskWhosePriorityWasRaised() {
        StoryWorker ann = story.worker("ann").credit(1).joins();
        story.submitAccepted(task("running").subtasks(1));
        story.submitAccepted(task("first").subtasks(1));
        story.submitAccepted(task("second").subtasks(1));
        story.prioritize("second", 1);
        assertEquals(1, story.snapshot("second").spec().priority());
        ann.answers(ann.takeLease("running", 0, 1));
        ann.takeLease("second", 0, 1);
    }

    @Test
    void aTaskWhosePriorityWasLoweredComesAfterItsEquals() {
        StoryWorker ann = story.worker("ann").credit(1).joins();
        story.submitAccepted(task("running").subtasks(1));
        story.submitAccepted(task("first").subtasks(1));
        story.submitAccepted(task("second").subtasks(1));
        story.prioritize("first", -1);
        ann.answers(ann.takeLease("running", 0, 1));
        ann.answers(ann.takeLease("second", 0, 1));
        ann.takeLease("first", 0, 1);
    }

    @Test
    void whatIsHeldUnstartedMakesWayForATaskWhosePriorityIsRaised() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("usual").subtasks(100));
        List<Assign> held = ann.takeAllLeases();
        story.submitAccepted(task("urgent").subtasks(1));
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        ann.hasNothing();
        story.prioritize("urgent", 5);
        story.pass(Limits.PREEMPTION_WAIT_MS - 1);
        ann.hasNothing();
        story.pass(1 + LOOK_MS);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(held.get(held.size() - 1).lease(), revoke.lease());
        ann.releases(revoke, revoke.from());
        ann.takeLease("urgent", 0, 1);
    }

    @Test
    void whatIsHeldUnstartedOfATaskWhosePriorityIsLoweredMakesWay() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("usual").subtasks(100));
        ann.takeAllLeases();
        story.submitAccepted(task("other").subtasks(1));
        story.prioritize("usual", -5);
        story.pass(Limits.PREEMPTION_WAIT_MS + 2 * LOOK_MS);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        ann.releases(revoke, revoke.from());
        ann.takeLease("other", 0, 1);
    }

    @Test
    void aLeaseOvertakesWhatLiesBeforeItAtItsWorkerOnceItsTaskRanksHigher() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("before").subtasks(110).priority(-1));
        for (long done = 0; done < 60; ) { // Until it is known to be quick, and holds many.
            story.pass(5);
            Assign lease = ann.takeLease();
            ann.answers(lease);
            done += lease.to() - lease.from();
        }
        List<Assign> before = ann.takeAllLeases();
        story.submitAccepted(task("behind").subtasks(1));
        ann.takeLease("behind", 0, 1);
        story.prioritize("before", 0);
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        ann.hasNothing();
        story.prioritize("behind", 5);
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertTrue(before.stream().anyMatch(lease -> lease.lease() == revoke.lease()), () -> "of the other: " + revoke);
    }

    /** From nothing it would hold up all others of its new priority until it had caught up with them. */
    @Test
    void amongItsNewEqualsATaskIsANewcomer() {
        StoryWorker ann = story.worker("ann").credit(1).joins();
        story.submitAccepted(task("low").subtasks(100).priority(-1));
        story.submitAccepted(task("usual").subtasks(100));
        for (int i = 0; i < 50; i++) {
            story.pass(10);
            ann.answers(ann.takeLease());
        }
        story.prioritize("low", 0);
        int ofUsual = 0;
        for (int i = 0; i < 20; i++) {
            story.pass(10);
            Assign lease = ann.takeLease();
            ofUsual += lease.task().value().equals("usual") ? 1 : 0;
            ann.answers(lease);
        }
        assertTrue(ofUsual >= 5, ofUsual + " of 20 leases");
    }

    @Test
    void whoAskedHearsOfItWhenItIsDurable() {
        story.submitAccepted(task("text"));
        story.holdCommits();
        long request = story.patch("text", URGENT);
        assertEquals(5, story.snapshot("text").spec().priority(), "it holds at once");
        assertEquals(0, story.replies.size());
        story.releaseHeld();
        story.isPatched(request, "text");
    }

    @Test
    void aRestartedServerKnowsIt() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text"));
        ann.takeAllLeases();
        story.isPatched(story.patch("text", new TaskPatch(7, Map.of("team", "b"), null)), "text");
        assertEquals(7, story.restart().snapshot("text").spec().priority());
    }

    @Test
    void aTaskThatHasEndedIsNotChanged() {
        story.submitAccepted(task("text"));
        story.holdCommits();
        story.cancel("text");
        Refusal refusal = story.isNotPatched(story.patch("text", URGENT), Refusal.Kind.CONFLICT);
        assertEquals("task text has ended; only an unfinished task can be changed", refusal.message());
        story.releaseHeld();
        assertEquals(0, story.isCancelled("text").spec().priority());
        story.isNotPatched(story.patch("text", URGENT), Refusal.Kind.CONFLICT);
    }

    @Test
    void labelsForWhichThereIsNoMemoryAreRefused() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.openTaskBytes = 2_000));
        small.submitAccepted(task("text"));
        TaskPatch labels = TaskPatch.labels(Map.of("team", "b"));
        Refusal refusal = small.isNotPatched(small.patch("text", labels, 2_001), Refusal.Kind.BUSY);
        assertTrue(refusal.message().contains("there is no room for another 1001"), refusal.message());
        small.isPatched(small.patch("text", labels, 2_000), "text");
        assertEquals(2_000, small.core().openTaskBytes());
        small.cancel("text");
        small.isCancelled("text");
        small.isOver();
    }

    @Test
    void nothingIsChangedWhileTheStoreFails() {
        story.submitAccepted(task("text"));
        story.feed(new Event.StoreFailing("the disk is full"));
        Refusal refusal = story.isNotPatched(story.patch("text", URGENT), Refusal.Kind.BUSY);
        assertEquals("the disk is full", refusal.message());
        assertEquals(0, story.snapshot("text").spec().priority());
        story.feed(new Event.StoreRecovered());
        story.isPatched(story.patch("text", URGENT), "text");
    }
}
