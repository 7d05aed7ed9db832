package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** A server that was stopped for a while goes on with the workers that it had. */
class PauseTest {
    private static final long PAUSE_MS = 18_000;

    /** Nobody is helped with what it holds: that is another story. */
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    @Test
    void aPauseLongerThanAnySilenceDropsNobody() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = ann.takeLease("squares", 0, 1);
        for (int pause = 0; pause < 20; pause++) {
            story.pass(4_000);
            story.standsStill(PAUSE_MS);
            story.pass(0);
            assertEquals(1, story.core().connectedWorkers());
            ann.beats();
        }
        ann.answers(lease);
        assertEquals(0, story.completes("squares").retries());
        story.isOver();
    }

    @Test
    void aWorkerHasTheRestOfItsTimeAfterThePauseAndNoMore() {
        StoryWorker ann = story.worker("ann").joins();
        story.pass(10_000);
        story.standsStill(PAUSE_MS);
        story.pass(4_999);
        assertEquals(1, story.core().connectedWorkers());
        story.pass(1);
        assertEquals(0, story.core().connectedWorkers());
        ann.isDropped("no sign of life for 15000 ms");
    }

    @Test
    void aSubtaskIsNotLateBecauseItsAnswerWasNotRead() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(1).subtaskTimeoutMs(2_000));
        Assign lease = ann.takeLease("squares", 0, 1);
        story.pass(3_000);
        story.standsStill(PAUSE_MS);
        story.pass(999);
        ann.answers(lease);
        assertEquals(0, story.completes("squares").retries());
        story.isOver();
    }

    @Test
    void aPauseDoesNotExpireTheLeaseOfAPlainWorker() {
        StoryWorker pat = story.worker("pat").plain().joins();
        StoryWorker other = story.worker("other").plain().joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = pat.takeLease("squares", 0, 1);
        story.pass(20_000);
        story.standsStill(PAUSE_MS);
        story.pass(9_999);
        other.hasNothing();
        pat.answers(lease);
        story.completes("squares");
        story.isOver();
    }

    @Test
    void deadlinesOfTheServerItselfGoOnDuringAPause() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1).timeoutMs(10_000));
        ann.takeLease("squares", 0, 1);
        story.standsStill(PAUSE_MS);
        story.pass(0);
        assertEquals(TaskFailure.Code.TIMEOUT, story.fails("squares").code());
    }
}
