package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.TaskFailure;
import org.junit.jupiter.api.Test;

/** Tasks that may only take so long. */
class TimeoutTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aTaskThatDoesNotFinishInTimeFails() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(100).timeoutMs(3_000));
        ann.answers(ann.takeLease("squares", 0, 1));
        ann.takeLease("squares", 1, 2);
        story.pass(2_999);
        assertEquals(1, story.ledger("squares").done());
        story.pass(1);
        TaskFailure failure = story.fails("squares");
        assertEquals(TaskFailure.Code.TIMEOUT, failure.code());
        assertEquals("the task did not finish within its timeout of 3000 ms", failure.message());
        ann.isToldToCancel("squares");
        story.isOver();
    }

    @Test
    void aTimeoutCountsFromTheSubmission() {
        story.holdCommits();
        story.submit(task("squares").subtasks(1).timeoutMs(1_000));
        story.pass(999);
        story.releaseHeld();
        story.isAccepted(1, "squares", 1);
        story.pass(1);
        story.fails("squares");
        story.isOver();
    }

    @Test
    void aTaskWhoseTimeIsUpBeforeItIsDurableIsAcceptedFirst() {
        story.holdCommits();
        story.submit(task("squares").subtasks(1).timeoutMs(1_000));
        story.pass(5_000);
        story.releaseHeld();
        story.isAccepted(1, "squares", 1);
        story.fails("squares");
        story.isOver();
    }

    @Test
    void aTaskThatFinishesInTimeLeavesNoTimerBehind() {
        StoryWorker pat = story.worker("pat").plain().joins();
        story.submitAccepted(task("squares").subtasks(3).timeoutMs(3_600_000).subtaskTimeoutMs(5_000));
        pat.answersAll();
        story.completes("squares");
        story.pass(Limits.PREEMPTION_WAIT_MS); // A last look for what waits.
        assertEquals(Long.MAX_VALUE, story.core().nextDeadlineMs());
    }

    @Test
    void anAnswerThatIsBeingMadeDoesNotStopTheClock() {
        story.holdFinishes();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).timeoutMs(1_000));
        ann.answersAll();
        story.pass(1_000);
        story.fails("squares");
        story.releaseHeld();
        story.isOver();
    }

    @Test
    void theTimeoutOfOneTaskIsNotThatOfAnother() {
        StoryWorker pat = story.worker("pat").plain().joins();
        story.submitAccepted(task("short").subtasks(1).timeoutMs(1_000));
        story.submitAccepted(task("long").subtasks(1));
        pat.takeLease("short", 0, 1);
        story.pass(1_000);
        story.fails("short");
        assertTrue(story.ledger("long").addsUp());
        assertEquals(1, story.core().openTasks());
    }
}
