package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** The store fails, and gives up new tasks: they are refused, and nothing of them is left. */
class FailingStoreTest {
    private static final long SAVE_DELAY_MS = Limits.DEFAULT.saveDelayMs();

    private final SchedulerStory story = durable(LimitsOf.noTailRules());

    private static SchedulerStory durable(Limits limits) {
        return new SchedulerStory(limits, true, 42);
    }

    @Test
    void newTasksAreRefusedWhileTheStoreFails() {
        story.submitAccepted(task("before").subtasks(1).key("key"));
        story.feed(new Event.StoreFailing("the disk is full"));
        Refusal busy = story.isRefused(story.submit(task("meanwhile").subtasks(1)), Refusal.Kind.BUSY);
        assertEquals("the disk is full", busy.message());
        assertEquals(Limits.DEFAULT.busyRetryMs(), busy.retryAfterMs());
        StoryTask again = task("again").subtasks(1).key("key").fingerprint("what before computes");
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
    void resultsOfATaskThatTheStoreGaveUpAreNotAcked() {
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
}
