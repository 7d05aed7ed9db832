package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** An answer that makes no sense is a failed attempt, and no death. Others are to have the next try. */
class BrokenAnswerTest {
    private static final String NAN = "bad_json: NaN is no JSON number";

    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    /** A worker of the name gets something, and answers with what ends its connection. */
    private void breaks(String name) {
        StoryWorker liar = story.worker(name).joins();
        liar.saysNonsense(liar.takeLease().lease(), null, NAN, true);
        liar.leaves(NAN);
    }

    @Test
    void aBrokenAnswerCostsAnAttemptWithItsMessage() {
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker ann = story.worker("ann").slots(2).joins();
        ann.saysNonsense(ann.takeLease("squares", 0, 1).lease(), 0L, NAN, true);
        ann.leaves(NAN);
        for (int attempt = 2; attempt <= 3; attempt++) {
            assertEquals(attempt - 1, story.snapshot("squares").retries(), "no death is counted");
            story.pass(30_000);
            breaks("ann");
        }
        TaskFailure failure = story.fails("squares");
        assertEquals("subtask 0 failed on ann: " + NAN, failure.message());
        assertEquals(TaskFailure.Code.SUBTASK_FAILED, failure.code());
        assertEquals(3, failure.attempts());
        story.isOver();
    }

    /** The invariants, which are checked after each event, say that it gets nothing more. */
    @Test
    void anIdleWorkerThatBreaksTheProtocolGetsNoLease() {
        StoryWorker ann = story.worker("ann").joins();
        ann.saysNonsense(null, null, NAN, true);
        story.submitAccepted(task("squares").subtasks(1));
        ann.leaves(NAN);
        StoryWorker bob = story.worker("bob").joins();
        bob.answers(bob.takeLease("squares", 0, 1));
        story.completes("squares");
    }

    @Test
    void aBrokenAnswerCountsAgainstTheIndexThatItNames() {
        story.submitAccepted(task("squares").subtasks(4).maxAttempts(1));
        StoryWorker ann = story.worker("ann").slots(2).joins();
        ann.saysNonsense(ann.takeLease("squares", 0, 2).lease(), 1L, NAN, true);
        assertEquals("subtask 1 failed on ann: " + NAN, story.fails("squares").message());
    }

    @Test
    void aBrokenAnswerWithoutAnIndexCountsAgainstTheOldestRunningSubtask() {
        story.submitAccepted(task("squares").subtasks(4).maxAttempts(1));
        StoryWorker ann = story.worker("ann").slots(2).joins();
        ann.takeLease("squares", 0, 2);
        ann.saysNonsense(null, null, "frame_too_large: a frame of 5,000,001 bytes", true);
        assertEquals(
                "subtask 0 failed on ann: frame_too_large: a frame of 5,000,001 bytes",
                story.fails("squares").message());
    }

    @Test
    void theNextAttemptGoesToAnotherWorker() {
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker good = story.worker("good").joins();
        Assign held = good.takeLease("squares", 0, 1);
        breaks("liar");
        for (int life = 0; life < 5; life++) {
            StoryWorker liar = story.worker("liar " + life).joins();
            story.pass(1_000);
            good.beats();
            liar.hasNothing(); // it would cost the subtask another attempt
            liar.leaves();
        }
        good.answers(held);
        good.answers(good.takeLease("squares", 1, 2));
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aSubtaskIsNotLeasedAgainToTheWorkerThatBrokeItsAnswerWhileThereAreOthers() {
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker liar = story.worker("liar").joins();
        StoryWorker good = story.worker("good").joins();
        liar.saysNonsense(liar.takeLease("squares", 0, 1).lease(), 0L, "bad_message: outside of its lease", false);
        Assign held = good.takeLease("squares", 1, 2);
        story.pass(1_000);
        liar.hasNothing();
        good.answers(held);
        good.answers(good.takeLease("squares", 0, 1));
        story.completes("squares");
    }

    @Test
    void theSameWorkerGetsTheNextAttemptIfTheOthersAreBusyForLong() {
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker liar = story.worker("liar").joins();
        StoryWorker busy = story.worker("busy").joins();
        liar.saysNonsense(liar.takeLease("squares", 0, 1).lease(), 0L, "bad_message: outside of its lease", false);
        busy.takeLease("squares", 1, 2);
        for (long waitedMs = 0; waitedMs <= Limits.WITNESS_WAIT_MS; waitedMs += 10_000) {
            story.pass(10_000);
            liar.beats();
            busy.beats();
        }
        liar.takeLease("squares", 0, 1);
    }
}
