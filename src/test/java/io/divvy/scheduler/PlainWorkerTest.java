package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** Workers of dialect 1: one subtask at a time, no heartbeat, nothing new before they have answered. */
class PlainWorkerTest {
    /** Nobody is helped with what it holds: that is another story. */
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    private final StoryWorker pat = story.worker("pat").plain().joins();

    @Test
    void aPlainWorkerGetsOneSubtaskAtATime() {
        story.submitAccepted(task("squares").subtasks(3));
        Assign first = pat.takeLease("squares", 0, 1);
        pat.hasNothing();
        pat.answers(first);
        pat.answers(pat.takeLease("squares", 1, 2));
        pat.answers(pat.takeLease("squares", 2, 3));
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aPlainWorkerIsNotDroppedForItsSilence() {
        story.pass(24 * 3_600_000L);
        assertEquals(1, story.core().connectedWorkers());
        story.submitAccepted(task("squares").subtasks(1));
        pat.answersAll();
        story.completes("squares");
    }

    @Test
    void theLeaseOfAPlainWorkerExpiresAfterThirtySecondsAndCostsNoAttempt() {
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(1));
        Assign late = pat.takeLease();
        story.pass(29_999);
        StoryWorker quick = story.worker("quick").plain().joins();
        quick.hasNothing();
        story.pass(1);
        Assign again = quick.takeLease("squares", 0, 1);
        pat.hasNothing();
        quick.answers(again);
        assertEquals(0, story.completes("squares").retries());
        pat.answers(late);
        story.isOver();
    }

    @Test
    void aLateAnswerCountsIfTheIndexIsOpenAndFreesTheWorkerForMore() {
        story.submitAccepted(task("squares").subtasks(2));
        Assign late = pat.takeLease("squares", 0, 1);
        story.pass(30_000);
        // It owes an answer, so it gets nothing, although nobody else is there.
        pat.hasNothing();
        assertEquals(ledger("2 pending"), story.ledger("squares"));

        pat.answers(late);
        pat.answers(pat.takeLease("squares", 1, 2));
        assertEquals(0, story.completes("squares").duplicates());
        story.isOver();
    }

    @Test
    void theSecondOfTwoAnswersIsADuplicate() {
        story.submitAccepted(task("squares").subtasks(2));
        Assign late = pat.takeLease("squares", 0, 1);
        story.pass(30_000);
        StoryWorker quick = story.worker("quick").plain().joins();
        Assign again = quick.takeLease("squares", 0, 1);
        pat.answers(late);
        Assign last = pat.takeLease("squares", 1, 2);
        quick.answers(again);
        assertEquals(1, story.snapshot("squares").duplicates());
        pat.answers(last);
        assertEquals(1, story.completes("squares").duplicates());
        story.isOver();
    }

    @Test
    void aLateFailureFreesTheWorkerAndCostsNothing() {
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(1));
        Assign late = pat.takeLease();
        story.pass(30_000);
        pat.fails(late, 0);
        pat.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void afterACancelAPlainWorkerGetsNothingBeforeItHasAnswered() {
        story.submitAccepted(task("old").subtasks(1));
        Assign old = pat.takeLease();
        story.cancel("old");
        story.isCancelled("old");

        story.submitAccepted(task("new").subtasks(1));
        pat.hasNothing(); // its dialect has no cancel: it still works on the old one
        pat.answers(old);
        pat.answers(pat.takeLease("new", 0, 1));
        story.completes("new");
        story.isOver();
    }

    @Test
    void aPlainWorkerOwesNoAnswerToALeaseThatItWasNeverSent() {
        story.holdPayloads();
        story.submitAccepted(task("old").subtasks(1));
        story.breakTask("old", TaskFailure.Code.TASK_TYPE_FAILED, "no such table");
        assertEquals("no such table", story.fails("old").message());
        story.releaseHeld();

        story.submitAccepted(task("new").subtasks(1));
        pat.answers(pat.takeLease("new", 0, 1));
        story.completes("new");
        story.isOver();
    }

    @Test
    void aShortSubtaskTimeoutShortensItsLease() {
        story.submitAccepted(task("squares").subtasks(1).subtaskTimeoutMs(1_000));
        pat.takeLease();
        StoryWorker quick = story.worker("quick").plain().joins();
        story.pass(1_999);
        quick.hasNothing();
        story.pass(1);
        quick.answersAll();
        story.completes("squares");
    }

    @Test
    void aLongSubtaskTimeoutDoesNotLengthenItsLease() {
        story.submitAccepted(task("squares").subtasks(1).subtaskTimeoutMs(60_000));
        pat.takeLease();
        StoryWorker quick = story.worker("quick").plain().joins();
        story.pass(30_000);
        quick.answersAll();
        story.completes("squares");
    }

    @Test
    void aPlainWorkerThatDisconnectsMidSubtaskLosesItToAnotherOne() {
        story.submitAccepted(task("squares").subtasks(1));
        pat.takeLease();
        pat.leaves();
        StoryWorker quick = story.worker("quick").plain().joins();
        quick.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void plainAndOtherWorkersShareATask() {
        StoryWorker ann = story.worker("ann").slots(2).joins();
        story.submitAccepted(task("squares").subtasks(50));
        while (story.core().openTasks() > 0) {
            pat.answers(pat.takeLease());
            if (ann.hasLease()) {
                ann.answers(ann.takeLease());
            }
            if (!pat.hasLease()) {
                ann.answersAll();
            }
        }
        story.completes("squares");
        story.isOver();
    }
}
