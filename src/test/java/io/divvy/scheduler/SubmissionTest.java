package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** What a sender hears about what it submitted, and when. */
class SubmissionTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aTaskIsAcceptedOnlyWhenItIsDurable() {
        story.holdCommits();
        long request = story.submit(task("squares").subtasks(3));
        assertFalse(story.hasReply());
        story.releaseHeld();
        story.isAccepted(request, "squares", 3);
    }

    @Test
    void workStartsBeforeTheTaskIsDurableButItsEndIsToldLast() {
        story.holdCommits();
        StoryWorker ann = story.worker("ann").joins();
        long request = story.submit(task("squares").subtasks(1));
        ann.answersAll();
        assertFalse(story.hasReply());
        assertEquals(1, story.core().openTasks());

        story.releaseOne(); // the task
        story.isAccepted(request, "squares", 1);
        assertFalse(story.hasReply());
        story.releaseOne(); // its end
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aCommitMakesAllBeforeItDurable() {
        story.holdCommits();
        long first = story.submit(task("first").subtasks(1));
        long second = story.submit(task("second").subtasks(1));
        story.feed(new Event.StoreCommitted(2));
        story.isAccepted(first, "first", 1);
        story.isAccepted(second, "second", 1);
        story.releaseHeld(); // and a commit that is told twice does no harm
        assertFalse(story.hasReply());
    }

    @Test
    void aCommitThatWasNeverAskedForIsAMistakeOfTheStore() {
        IllegalArgumentException mistake =
                assertThrows(IllegalArgumentException.class, () -> story.feed(new Event.StoreCommitted(1)));
        assertEquals("commit 1 was never asked for; the last is 0", mistake.getMessage());
    }

    @Test
    void aTaskOfANegativeNumberOfSubtasksIsRefused() {
        Refusal refusal = story.isRefused(story.submit(task("less").subtasks(-1)), Refusal.Kind.INVALID_TASK);
        assertEquals("the task has -1 subtasks; expected 0 to 1000000000000000", refusal.message());
        story.isOver();
    }

    @Test
    void aTaskOfTooManySubtasksIsRefused() {
        long request = story.submit(task("endless").subtasks(1_000_000_000_000_001L));
        story.isRefused(request, Refusal.Kind.LIMIT_EXCEEDED);
        story.isOver();
    }

    @Test
    void theSameKeyAndTheSameTaskGiveTheSameTask() {
        long first = story.submit(task("one").subtasks(1).key("k").fingerprint("same"));
        long second = story.submit(task("two").subtasks(1).key("k").fingerprint("same"));
        story.isAccepted(first, "one", 1);
        story.isAccepted(second, "one", 1);
        assertEquals(1, story.core().openTasks());
    }

    @Test
    void theSameKeyWithAnotherTaskIsAConflict() {
        story.submitAccepted(task("one").key("k"));
        long second = story.submit(task("two").key("k"));
        Refusal refusal = story.isRefused(second, Refusal.Kind.CONFLICT);
        assertEquals(
                "key: another task was submitted under it, task one; submit the same task again or take a new key",
                refusal.message());
    }

    @Test
    void theSamePlainIdWithTheSameTaskAttachesToItAndWithAnotherTaskIsAConflict() {
        story.submitAccepted(task("mine").subtasks(2).plainId("job-1").fingerprint("squares to 9"));
        long again = story.submit(task("again").subtasks(2).plainId("job-1").fingerprint("squares to 9"));
        story.isAccepted(again, "mine", 2);
        Refusal refusal = story.isRefused(
                story.submit(task("other").plainId("job-1").fingerprint("squares to 10")), Refusal.Kind.CONFLICT);
        assertEquals(
                "task_id: another task was submitted under it, task mine; submit the same task again or take a new task_id",
                refusal.message());
        assertEquals(1, story.core().openTasks());
    }

    @Test
    void aKeyAndAPlainIdOfTheSameTextNameTwoTasks() {
        story.submitAccepted(task("keyed").key("job-1"));
        story.submitAccepted(task("plain").plainId("job-1"));
        assertEquals(new TaskId("keyed"), story.core().find(SubmitKey.key("job-1")));
        assertEquals(new TaskId("plain"), story.core().find(SubmitKey.plainId("job-1")));
    }

    @Test
    void anIdThatASenderChoseIsNotTheTasksIdEvenIfItIsThatOfAnotherTask() {
        story.submitAccepted(task("first").subtasks(1));
        story.submitAccepted(task("second").subtasks(1).plainId("first"));
        assertNull(story.core().find(SubmitKey.plainId("second")));
        StoryWorker ann = story.worker("ann").joins();
        ann.answers(ann.takeLease("first", 0, 1));
        story.completes("first");
        ann.answers(ann.takeLease("second", 0, 1));
        story.completes("second");
        story.isOver();
    }

    @Test
    void aPlainIdFindsItsTaskOnceItIsDurableAndUntilItHasEnded() {
        story.holdCommits();
        long request = story.submit(task("mine").subtasks(1).plainId("job-1"));
        assertTrue(story.core().isTaken(SubmitKey.plainId("job-1")));
        assertNull(story.core().find(SubmitKey.plainId("job-1")));
        story.releaseHeld();
        story.isAccepted(request, "mine", 1);
        assertEquals(new TaskId("mine"), story.core().find(SubmitKey.plainId("job-1")));

        story.worker("ann").joins().answersAll();
        story.releaseHeld();
        story.completes("mine");
        assertFalse(story.core().isTaken(SubmitKey.plainId("job-1")));
        assertNull(story.core().find(SubmitKey.plainId("job-1")));
    }

    @Test
    void anIdThatIsUsedTwiceIsAMistakeOfTheServer() {
        story.submitAccepted(task("mine"));
        IllegalArgumentException mistake =
                assertThrows(IllegalArgumentException.class, () -> story.submit(task("mine")));
        assertEquals("task mine exists; every submission has an id of its own", mistake.getMessage());
    }

    @Test
    void aSecondSubmissionBeforeTheTaskIsDurableWaitsForThat() {
        story.holdCommits();
        long first = story.submit(task("mine").key("k").fingerprint("same"));
        long second = story.submit(task("again").key("k").fingerprint("same"));
        assertFalse(story.hasReply());
        story.releaseHeld();
        story.isAccepted(first, "mine", 10);
        story.isAccepted(second, "mine", 10);
    }

    @Test
    void aSecondSubmissionWhileTheEndIsNotDurableIsAnswered() {
        story.submitAccepted(task("mine").subtasks(1).key("k"));
        story.holdCommits();
        StoryWorker ann = story.worker("ann").joins();
        ann.answersAll();
        StoryTask again = task("again").subtasks(1).key("k").fingerprint("what mine computes");
        story.isAccepted(story.submit(again), "mine", 1);
        story.releaseHeld();
        story.completes("mine");
        // From here on the store knows the key; for the core it is free.
        story.submitAccepted(task("other").subtasks(1).key("k"));
        ann.answersAll();
        story.completes("other");
        story.isOver();
    }

    @Test
    void aServerThatIsFullSaysWhenToComeAgain() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.openTasks = 1));
        small.submitAccepted(task("one").subtasks(1).key("k"));
        Refusal refusal = small.isRefused(small.submit(task("two").subtasks(1)), Refusal.Kind.BUSY);
        assertEquals("the server has 1 unfinished tasks, as many as it takes; try again", refusal.message());
        assertEquals(1_000, refusal.retryAfterMs());
        // The one that it has may be submitted again.
        StoryTask again = task("again").subtasks(1).key("k").fingerprint("what one computes");
        small.isAccepted(small.submit(again), "one", 1);

        small.worker("ann").joins().answersAll();
        small.completes("one");
        small.submitAccepted(task("three").subtasks(1));
    }

    @Test
    void tasksAreTakenUntilTheyUseUpTheirBytesAndAgainWhenSomeHaveEnded() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.openTaskBytes = 1_000));
        small.submitAccepted(task("large").subtasks(1).sizeBytes(600).key("k"));
        small.submitAccepted(task("small").subtasks(1).sizeBytes(400));
        Refusal refusal = small.isRefused(small.submit(task("one more").sizeBytes(1)), Refusal.Kind.BUSY);
        assertEquals(
                "the unfinished tasks take 1000 of the 1000 bytes of memory that they may, and there is no room for another 1;"
                        + " try again",
                refusal.message());
        assertEquals(1_000, refusal.retryAfterMs());
        // What it has may be submitted again.
        StoryTask again = task("again").subtasks(1).sizeBytes(600).key("k").fingerprint("what large computes");
        small.isAccepted(small.submit(again), "large", 1);

        small.cancel("large");
        small.isCancelled("large");
        assertEquals(400, small.core().openTaskBytes());
        small.submitAccepted(task("next").subtasks(1).sizeBytes(600));
        small.worker("ann").joins().answersAll();
        small.completes("small");
        small.completes("next");
        small.isOver();
    }

    @Test
    void aTaskThatAlwaysTakesTooManyBytesIsNotToldToTryAgain() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.openTaskBytes = 1_000));
        Refusal refusal = small.isRefused(small.submit(task("huge").sizeBytes(1_001)), Refusal.Kind.LIMIT_EXCEEDED);
        assertEquals(
                "the task takes 1001 bytes of memory, and all unfinished tasks may take 1000 together; submit it in parts,"
                        + " keep large data elsewhere and say where, or give the server more memory",
                refusal.message());
        small.isOver();
    }

    @Test
    void aTaskThatTheStoreGaveUpTakesNoBytes() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.openTaskBytes = 1_000));
        small.holdCommits();
        long request = small.submit(task("one").sizeBytes(1_000));
        small.failsToCreate("one", "the disk is full");
        small.isRefused(request, Refusal.Kind.BUSY);
        assertEquals(0, small.core().openTaskBytes());
    }

    @Test
    void aRestartedServerGoesOnWithAllTasksWhateverTheyTake() {
        SchedulerStory before = new SchedulerStory(LimitsOf.with(draft -> draft.openTaskBytes = 1_500), true, 1);
        before.submitAccepted(task("one").subtasks(1).sizeBytes(500));
        before.submitAccepted(task("two").subtasks(1).sizeBytes(500));
        // The tasks of a restarted story take 1,000 each: more than all may.
        SchedulerStory after = before.restart();
        assertEquals(2_000, after.core().openTaskBytes());
        after.isRefused(after.submit(task("three").sizeBytes(1)), Refusal.Kind.BUSY);
        after.pass(Limits.DEFAULT.holdOffMs());
        after.worker("ann").joins().answersAll();
        after.completes("one");
        after.completes("two");
        after.isOver();
    }

    @Test
    void eventsThatTheCoreDidNotAskForAreIgnored() {
        story.submitAccepted(task("squares").subtasks(2));
        story.feed(new Event.CombineFinished(new TaskId("squares"), new StoryFolding.SumAnswer(0, 0, 0, "")));
        story.feed(new Event.PayloadsReady(new TaskId("squares"), 7, 8, new IndexPayloads(7, 8)));
        story.feed(new Event.CombineFinished(new TaskId("nothing"), new StoryFolding.SumAnswer(0, 0, 0, "")));
        story.feed(new Event.PayloadsReady(new TaskId("nothing"), 7, 8, new IndexPayloads(7, 8)));
        assertEquals(ledger("2 pending"), story.ledger("squares"));
        story.worker("ann").joins().answersAll();
        story.completes("squares");
        story.isOver();
    }
}
