package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskSnapshot;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Subtasks that fail: they come back after a while, and not for ever. */
class RetryTest {
    /** Nobody is helped with what it holds: that is another story. */
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    @Test
    void aFailedSubtaskComesBackAfterItsBackoff() {
        StoryWorker ann = story.worker("ann").slots(4).joins();
        story.submitAccepted(task("squares").subtasks(4));
        Assign first = ann.takeLease("squares", 0, 2);
        Assign second = ann.takeLease("squares", 2, 3);
        Assign third = ann.takeLease("squares", 3, 4);
        ann.fails(first, 0);
        ann.answers(first, 1, 2);
        ann.answers(second);
        ann.answers(third);
        assertEquals(ledger("1 pending, 3 done"), story.ledger("squares"));

        // Half of the first delay of 200 ms is fixed, the other half is jitter.
        story.pass(99);
        ann.hasNothing();
        story.pass(101);
        ann.answers(ann.takeLease("squares", 0, 1));
        assertEquals(1, story.completes("squares").retries());
        story.isOver();
    }

    @Test
    void aFailedSubtaskDoesNotEndItsLease() {
        StoryWorker ann = story.worker("ann").slots(4).credit(8).joins();
        story.submitAccepted(task("squares").subtasks(16));
        Assign lease = ann.takeLease("squares", 0, 8);
        ann.fails(lease, 3);
        assertEquals(ledger("9 pending, 7 leased"), story.ledger("squares"));
        ann.answers(lease, 0, 3);
        ann.answers(lease, 4, 8);
        ann.answersAll();
        story.pass(200);
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void retriesGoOutBeforeFreshIndexes() {
        StoryWorker ann = story.worker("ann").credit(2).joins();
        story.submitAccepted(task("squares").subtasks(100));
        Assign lease = ann.takeLease("squares", 0, 2);
        ann.fails(lease, 1);
        ann.answers(lease, 0, 1);
        Assign fresh = ann.takeLease("squares", 2, 3);
        story.pass(200);
        ann.answers(fresh);
        ann.answers(ann.takeLease("squares", 3, 4)); // it was cut while the other one waited
        ann.takeLease("squares", 1, 2);
    }

    @Test
    void aSubtaskThatIsOutOfAttemptsFailsTheTaskAndIsNamed() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("squares").subtasks(2).maxAttempts(3));
        Assign anns = ann.takeLease("squares", 0, 1);
        Assign bobs = bob.takeLease("squares", 1, 2);
        bob.fails(bobs, 1, "first");
        story.pass(200);
        bob.fails(bob.takeLease("squares", 1, 2), 1, "second");
        story.pass(400);
        bob.fails(bob.takeLease("squares", 1, 2), 1, "third");

        TaskFailure failure = story.fails("squares");
        assertEquals(
                new TaskFailure(TaskFailure.Code.SUBTASK_FAILED, "subtask 1 failed on bob: third", 1L, "bob", 3),
                failure);
        ann.isToldToCancel("squares");
        ann.answers(anns); // it crossed the cancel: nobody minds
        story.isOver();
    }

    @Test
    void theSubtaskThatFailedTheTaskIsCountedAsFailedAndWhatWasLeftAsCancelled() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(5));
        ann.answers(ann.takeLease("squares", 0, 1));
        story.holdCommits();
        ann.failsForGood(ann.takeLease("squares", 1, 2), 1, "division by zero");
        assertEquals(
                ledger("3 pending, 1 leased, 1 done"),
                story.ledger("squares"),
                "before the end is durable, it does not show");
        story.releaseHeld();
        TaskSnapshot last = story.endsFailed("squares");
        assertEquals(ledger("1 done, 1 failed, 3 cancelled"), last.ledger());
        assertEquals(List.of(new Range(1, 2)), last.failedRanges());
    }

    @Test
    void theDelayDoublesWithEachAttempt() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(10));
        for (long longestMs = 200; longestMs <= 12_800; longestMs *= 2) {
            ann.fails(ann.takeLease(), 0);
            story.pass(longestMs / 2 - 1);
            ann.beats();
            ann.hasNothing();
            story.pass(longestMs / 2 + 1);
            ann.beats();
        }
        ann.answersAll();
        assertEquals(7, story.completes("squares").retries());
    }

    @Test
    void aFailureThatIsNotRetryableUsesUpAllAttempts() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(5));
        ann.failsForGood(ann.takeLease(), 0, "no such file");
        TaskFailure failure = story.fails("squares");
        assertEquals("subtask 0 failed on ann: no such file", failure.message());
        assertEquals(1, failure.attempts());
        story.isOver();
    }

    @Test
    void aTaskThatContinuesCompletesOnWhatSucceededAndNamesTheRest() {
        StoryWorker ann = story.worker("ann").slots(2).joins();
        story.submitAccepted(task("squares").subtasks(12).maxAttempts(1).continuesOnFailure());
        while (ann.hasLease()) {
            Assign lease = ann.takeLease();
            for (long index = lease.from(); index < lease.to(); index++) {
                if (index == 0 || index == 5 || index == 6 || index == 11) {
                    ann.fails(lease, index);
                } else {
                    ann.answers(lease, index, index + 1);
                }
            }
        }
        TaskSnapshot last = story.completes("squares");
        assertEquals(List.of(new Range(0, 1), new Range(5, 7), new Range(11, 12)), last.failedRanges());
        assertEquals(0, last.retries());
        story.isOver();
    }

    @Test
    void aTaskThatContinuesRetriesFirst() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(
                task("squares").subtasks(1).maxAttempts(2).continuesOnFailure().foldedInAnyOrder());
        ann.fails(ann.takeLease(), 0);
        story.pass(200);
        ann.answersAll();
        assertEquals(1, story.completes("squares").retries());
    }

    @Test
    void aTaskOfWhichNothingSucceededFailed() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(3).maxAttempts(1).continuesOnFailure());
        while (ann.hasLease()) {
            Assign lease = ann.takeLease();
            for (long index = lease.from(); index < lease.to(); index++) {
                ann.fails(lease, index, "no disk");
            }
        }
        TaskFailure failure = story.fails("squares");
        assertEquals(TaskFailure.Code.SUBTASK_FAILED, failure.code());
        assertEquals(
                "none of the 3 subtasks succeeded; the last failure: subtask 2 failed on ann: no disk",
                failure.message());
        story.isOver();
    }

    @Test
    void aSubtaskFailsOnlyOncePerLease() {
        StoryWorker ann = story.worker("ann").slots(2).joins();
        story.submitAccepted(task("squares").subtasks(8).maxAttempts(2));
        Assign lease = ann.takeLease("squares", 0, 2);
        ann.fails(lease, 0);
        Assign fresh = ann.takeLease("squares", 2, 3);
        ann.fails(lease, 0);
        ann.fails(lease, 0);
        assertEquals(1, story.snapshot("squares").retries());
        ann.hasNothing();
        ann.answers(lease, 1, 2);
        ann.answers(fresh);
        ann.answersAll();
        story.pass(200);
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anAnswerThatComesFromElsewhereEndsTheWaitForARetry() {
        StoryWorker plain = story.worker("plain").plain().joins();
        StoryWorker ann = story.worker("ann").takesOnly("other").joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign expired = plain.takeLease();
        StoryWorker bob = story.worker("bob").joins();
        story.pass(14_000);
        bob.beats();
        ann.beats();
        story.pass(14_000);
        bob.beats();
        ann.beats();
        story.pass(2_000);
        bob.fails(bob.takeLease(), 0);
        plain.answers(expired);
        TaskSnapshot last = story.completes("squares");
        assertTrue(last.retries() == 1 && last.duplicates() == 0, last::toString);
        story.isOver();
    }

    @Test
    void tooManySubtasksThatWaitForARetryFailTheTask() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.waitingRetries = 3));
        StoryWorker ann = small.worker("ann").slots(5).credit(10).joins();
        small.submitAccepted(task("broken").subtasks(100));
        Assign lease = ann.takeLease("broken", 0, 10);
        ann.fails(lease, 0);
        ann.fails(lease, 1);
        ann.fails(lease, 2);
        // Nothing fresh any more, only what it has.
        ann.answers(lease, 3, 9);
        ann.hasNothing();
        ann.fails(lease, 9, "bad luck");
        TaskFailure failure = small.fails("broken");
        assertEquals(TaskFailure.Code.LIMIT_EXCEEDED, failure.code());
        assertEquals("more than 3 failed subtasks wait for a retry; the last one: bad luck", failure.message());
        small.isOver();
    }

    @Test
    void freshWorkGoesOnWhenTheRetriesHaveDrained() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.waitingRetries = 2));
        StoryWorker ann = small.worker("ann").slots(2).credit(4).joins();
        small.submitAccepted(task("shaky").subtasks(100));
        Assign lease = ann.takeLease("shaky", 0, 4);
        ann.fails(lease, 0);
        ann.fails(lease, 1);
        ann.answers(lease, 2, 4);
        ann.hasNothing();
        small.pass(200);
        assertTrue(ann.hasLease());
        ann.answersAll();
        small.completes("shaky");
        small.isOver();
    }

    @Test
    void tooManySeparateFailedRangesFailTheTask() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.failedRanges = 2));
        StoryWorker ann = small.worker("ann").slots(5).credit(10).joins();
        small.submitAccepted(task("holes").subtasks(100).maxAttempts(1).continuesOnFailure());
        Assign lease = ann.takeLease("holes", 0, 10);
        ann.fails(lease, 0);
        ann.fails(lease, 2);
        ann.fails(lease, 1); // joins the two
        ann.fails(lease, 4);
        ann.fails(lease, 6, "bad luck");
        TaskFailure failure = small.fails("holes");
        assertEquals(TaskFailure.Code.LIMIT_EXCEEDED, failure.code());
        assertEquals(
                "more than 2 separate ranges of subtasks failed; the last one: subtask 6 failed on ann: bad luck",
                failure.message());
        ann.isToldToCancel("holes");
        small.isOver();
    }
}
