package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing is left in the core of a task that has ended, whatever its workers still owe. */
class EndedTaskTest {
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    private void keepsNoTask() {
        List<TaskId> kept = Reachable.from(story.core(), TaskState.class)
                .map(task -> task.spec.id())
                .toList();
        assertEquals(List.of(), kept, "tasks that the core keeps alive");
        assertEquals(List.of(), Reachable.from(story.core(), TaskSnapshot.class).toList());
    }

    private StoryWorker cancelledWithALease(StoryWorker worker) {
        story.submitAccepted(task("squares").subtasks(1).subtaskTimeoutMs(1_000));
        worker.takeLease("squares", 0, 1);
        assertEquals(1, Reachable.from(story.core(), TaskState.class).count());
        story.cancel("squares");
        story.isCancelled("squares");
        return worker;
    }

    /** A worker's session remembers a thousand ended leases. */
    @Test
    void aRememberedLeaseKeepsNothingOfItsTask() {
        StoryWorker ann = cancelledWithALease(story.worker("ann").joins());
        ann.isToldToCancel("squares");
        keepsNoTask();
        story.isOver();
    }

    @Test
    void aPlainWorkerThatOwesAnAnswerKeepsNothingOfItsTask() {
        StoryWorker pat = cancelledWithALease(story.worker("pat").plain().joins());
        keepsNoTask();
        pat.hasNothing();
        story.isOver();
    }

    @Test
    void aWorkerThatStandsStillKeepsNothingOfItsTask() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("hangs").subtasks(1).subtaskTimeoutMs(1_000));
        ann.takeLease("hangs", 0, 1);
        story.pass(2_000);
        story.pass(200); // the backoff
        bob.answersAll();
        story.completes("hangs");
        keepsNoTask();
        story.isOver();
    }

    @Test
    void aTaskWithARetryThatWaitsAndASuspectOnTrialLeavesNothing() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(3));
        ann.fails(ann.takeLease("squares", 0, 1), 0);
        ann.takeLease("squares", 1, 2);
        ann.leaves();
        StoryWorker bob = story.worker("bob").joins();
        bob.takeLease("squares", 1, 2);
        bob.leaves();
        StoryWorker cid = story.worker("cid").slots(2).joins();
        cid.takeLease("squares", 1, 2);
        cid.hasNothing(); // It runs the suspect alone, though there is more.
        assertEquals(ledger("2 pending, 1 leased"), story.ledger("squares"));
        story.cancel("squares");
        cid.isToldToCancel("squares");
        story.isCancelled("squares");
        keepsNoTask();
        story.isOver();
    }

    @Test
    void aLateAnswerToALeaseOfAForgottenTaskIsDroppedWithoutAComplaint() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(2).foldable());
        Assign late = ann.takeLease();
        story.cancel("squares");
        ann.isToldToCancel("squares");
        story.isCancelled("squares");
        ann.answers(late);
        ann.answersCombined(late, late.from(), late.to());
        story.isOver();
    }

    @Test
    void aLateAnswerToALeaseOfAForgottenTaskStillHasToBeWithinIt() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(2));
        Assign late = ann.takeLease();
        story.cancel("squares");
        ann.isToldToCancel("squares");
        story.isCancelled("squares");
        ann.answers(late.lease(), late.from(), late.to() + 1);
        ann.isRefused(Refusal.Kind.BAD_MESSAGE);
        story.isOver();
    }
}
