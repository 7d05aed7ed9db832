package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import org.junit.jupiter.api.Test;

/** A task that is cancelled, at any point of its life. */
class CancelTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aQueuedTaskIsCancelled() {
        story.submitAccepted(task("squares").subtasks(7));
        story.cancel("squares");
        TaskSnapshot last = story.isCancelled("squares");
        assertEquals(ledger("7 cancelled"), last.ledger());
        assertEquals(null, last.startedMs());
        story.isOver();
    }

    @Test
    void theWorkersOfARunningTaskAreToldAndTheirCreditIsFreeAtOnce() {
        StoryWorker ann = story.worker("ann").credit(2).joins();
        StoryWorker bob = story.worker("bob").credit(2).joins();
        story.submitAccepted(task("old").subtasks(100));
        Assign anns = ann.takeLease("old", 0, 2);
        Assign bobs = bob.takeLease("old", 2, 4);
        story.submitAccepted(task("new").subtasks(8));
        ann.answers(anns, 0, 1);
        ann.takeLease("new", 0, 1);

        story.cancel("old");

        assertEquals(ledger("1 done, 99 cancelled"), story.isCancelled("old").ledger());
        ann.isToldToCancel("old");
        bob.isToldToCancel("old");
        ann.takeLease("new", 1, 2);
        bob.takeLease("new", 2, 3);
        bob.takeLease("new", 3, 4);
        // Answers that crossed the cancel are ignored without error.
        bob.answers(bobs);
        ann.fails(anns, 1);
        ann.hasNothing();
        bob.hasNothing();
    }

    @Test
    void aTaskWhoseAnswerIsBeingMadeCanStillBeCancelled() {
        story.holdFinishes();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        ann.answersAll();
        story.cancel("squares");
        assertEquals(ledger("1 done"), story.isCancelled("squares").ledger());
        story.releaseHeld(); // too late
        story.isOver();
    }

    @Test
    void theFirstEndWins() {
        story.holdCommits();
        story.submit(task("squares").subtasks(1));
        StoryWorker ann = story.worker("ann").joins();
        ann.answersAll();
        story.cancel("squares"); // it has its answer, which is only not durable yet
        story.breakTask("squares", TaskFailure.Code.TASK_TYPE_FAILED, "too late");
        story.releaseHeld();
        story.isAccepted(1, "squares", 1);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anEndShowsOnceItIsDurable() {
        story.submitAccepted(task("squares").subtasks(3));
        StoryWorker ann = story.worker("ann").joins();
        ann.takeLease();
        story.holdCommits();
        story.cancel("squares");
        ann.isToldToCancel("squares");
        assertEquals(State.RUNNING, story.snapshot("squares").state());
        assertEquals(1, story.core().openTasks());
        story.releaseHeld();
        story.isCancelled("squares");
        story.isOver();
    }

    @Test
    void cancelOfATaskThatIsNotThereDoesNothing() {
        story.cancel("nothing");
        story.isOver();
    }

    @Test
    void cancelBeforeAcceptanceIsToldAfterTheAcceptance() {
        story.holdCommits();
        long request = story.submit(task("squares").subtasks(1));
        story.cancel("squares");
        story.releaseHeld();
        story.isAccepted(request, "squares", 1);
        story.isCancelled("squares");
        story.isOver();
    }

    @Test
    void retriesThatWaitAreForgotten() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).timeoutMs(60_000));
        ann.fails(ann.takeLease(), 0);
        story.cancel("squares");
        assertEquals(1, story.isCancelled("squares").ledger().cancelled());
        story.isOver();
    }

    @Test
    void aTaskWhoseTypeBreaksFails() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(9));
        ann.takeLease();
        story.breakTask("squares", TaskFailure.Code.LIMIT_EXCEEDED, "the answer is too large");
        assertEquals(
                TaskFailure.of(TaskFailure.Code.LIMIT_EXCEEDED, "the answer is too large"), story.fails("squares"));
        ann.isToldToCancel("squares");
        story.breakTask("nothing", TaskFailure.Code.LIMIT_EXCEEDED, "nobody knows it");
        story.isOver();
    }
}
