package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.state.Ledger;
import io.divvy.state.TaskSnapshot;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** A task without subtasks is completed at once, with the answer that its way to combine has for no results. */
class EmptyTaskTest {
    private static final Ledger NOTHING = Ledger.EMPTY;

    private final SchedulerStory story = new SchedulerStory();

    @Test
    void anEmptyTaskCompletesWithoutAWorker() {
        story.submitAccepted(task("nothing").subtasks(0));
        TaskSnapshot end = story.completes("nothing");
        assertEquals(NOTHING, end.ledger());
        assertNull(end.startedMs(), "no lease was ever cut");
        story.isOver();
    }

    @Test
    void anEmptyTaskCompletesInEitherFoldOrder() {
        story.submitAccepted(task("ordered").subtasks(0));
        story.completes("ordered");
        story.submitAccepted(task("exact").subtasks(0).foldable());
        story.completes("exact");
        story.submitAccepted(task("kept").subtasks(0).keepsResults());
        story.completes("kept");
        story.submitAccepted(task("tolerant").subtasks(0).continuesOnFailure().timeoutMs(10));
        story.completes("tolerant");
        story.isOver();
    }

    @Test
    void anEmptyTaskThatNeedsOneResultCompletesEarly() {
        story.submitAccepted(task("first").subtasks(0).needsTheFirst());
        story.completesEarly("first");
        story.submitAccepted(task("any").subtasks(0).needsAny());
        story.completesEarly("any");
        story.isOver();
    }

    @Test
    void anEmptyTaskIsAcceptedAndThenCompletedEachOnceItIsDurable() {
        story.holdCommits();
        long request = story.submit(task("nothing").subtasks(0));
        assertFalse(story.hasReply());
        story.releaseOne(); // the task
        story.isAccepted(request, "nothing", 0);
        assertFalse(story.hasReply());
        story.releaseOne(); // its end
        story.completes("nothing");
        story.isOver();
    }

    @Test
    void anEmptyTaskMayBeSubmittedAgainWhileItsEndIsNotDurable() {
        story.holdCommits();
        long first = story.submit(task("one").subtasks(0).key("k").fingerprint("same"));
        long second = story.submit(task("two").subtasks(0).key("k").fingerprint("same"));
        story.releaseHeld();
        story.isAccepted(first, "one", 0);
        story.isAccepted(second, "one", 0);
        story.completes("one");
        story.isOver();
    }

    @Test
    void aTaskThatCouldNotBeCreatedIsRefusedAlthoughItWasAtItsEnd() {
        story.holdCommits();
        long request = story.submit(task("nothing").subtasks(0));
        story.failsToCreate("nothing", "the disk is full");
        story.isRefused(request, Refusal.Kind.BUSY);
        story.releaseHeld();
        story.isOver();
    }

    @Test
    void anEmptyTaskCompletesAfterARestartBetweenItsCreationAndItsEnd() {
        SchedulerStory before = new SchedulerStory(LimitsOf.noTailRules(), true, 42);
        before.holdFinishes();
        before.submitAccepted(task("nothing").subtasks(0));
        SchedulerStory after = before.restart();
        assertEquals(NOTHING, after.completes("nothing").ledger());
        after.pass(Limits.DEFAULT.holdOffMs());
        after.isOver();
    }
}
