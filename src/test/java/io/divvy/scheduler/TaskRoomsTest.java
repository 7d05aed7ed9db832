package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.scheduler.Explanation.Bound;
import io.divvy.scheduler.Explanation.HeldBack;
import io.divvy.state.Ledger;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of single subtasks shares some bytes: the tasks that take much of them wait, and then fail. */
class TaskRoomsTest {
    private static SchedulerStory withHistories(int most) {
        return new SchedulerStory(LimitsOf.with(draft -> draft.subtaskBytes = most * SubtaskBytes.HISTORY));
    }

    private static void failAll(StoryWorker worker, int most) {
        int failed = 0;
        for (List<Assign> leases = worker.takeAllLeases(); !leases.isEmpty() && failed < most; ) {
            for (Assign lease : leases) {
                for (long index = lease.from(); index < lease.to(); index++) {
                    worker.fails(lease, index);
                    failed++;
                }
            }
            leases = failed < most ? worker.takeAllLeases() : List.of();
        }
    }

    @Test
    void aTaskOfWhichManySubtasksFailedGetsNothingFreshWhileOthersGoOn() {
        SchedulerStory story = withHistories(200);
        story.submitAccepted(task("broken").type("broken").subtasks(100_000));
        StoryWorker clumsy =
                story.worker("clumsy").takesOnly("broken").slots(10).joins();
        failAll(clumsy, 1_000);
        Ledger ledger = story.ledger("broken");
        long touched = story.core().subtaskBytes() / SubtaskBytes.HISTORY;
        assertTrue(touched >= 90 && touched <= 120, touched + " histories");
        assertEquals(100_000, ledger.pending());
        assertEquals(
                new HeldBack(Bound.SUBTASK_BYTES, 200 * SubtaskBytes.HISTORY),
                story.explain("broken").get(0));
        story.submitAccepted(task("other").subtasks(50));
        StoryWorker ann = story.worker("ann").takesOnly("numbers").joins();
        ann.fails(ann.takeLease("other", 0, 1), 0);
        ann.answersAll();
        story.pass(1_000);
        ann.answersAll();
        story.completes("other");
        // What failed is tried again, and when that is done, so is what was held back.
        clumsy.answersAll();
        story.completes("broken");
        assertEquals(0, story.core().subtaskBytes());
    }

    @Test
    void theTaskOfWhichTheMostIsKnownFailsWhenThatIsTooMuch() {
        SchedulerStory story = withHistories(100);
        story.submitAccepted(task("broken").subtasks(1_000));
        StoryWorker clumsy = story.worker("clumsy").slots(1_000).joins();
        failAll(clumsy, 1_000);
        TaskFailure failure = story.fails("broken");
        assertEquals(TaskFailure.Code.LIMIT_EXCEEDED, failure.code());
        assertTrue(failure.message().contains("what is known of single subtasks"), failure.message());
        assertEquals(0, story.core().subtaskBytes());
    }

    @Test
    void suspicionsAreForgottenBeforeATaskFailsForMemory() {
        SchedulerStory story = withHistories(100);
        story.submitAccepted(task("large").subtasks(10_000));
        story.worker("dying").slots(1_000).joins().leaves();
        assertTrue(story.core().subtaskBytes() <= 100 * SubtaskBytes.HISTORY);
        StoryWorker ann = story.worker("ann").slots(10).joins();
        ann.answersAll();
        story.completes("large");
        story.isOver();
    }

    @Test
    void aSuspectThatNeedsATrialIsNotForgotten() {
        SubtaskHistory history = new SubtaskHistory();
        history.suspicions = 1;
        assertTrue(history.isMereSuspect());
        history.suspicions = Limits.DEATHS_UNTIL_TRIAL;
        assertFalse(history.isMereSuspect());
    }

    @Test
    void aLossThatIsTakenBackLeavesForgottenSuspicionsAlone() {
        SchedulerStory story =
                new SchedulerStory(LimitsOf.with(draft -> draft.subtaskBytes = 100 * SubtaskBytes.HISTORY), true, 1);
        story.submitAccepted(task("large").subtasks(10_000));
        StoryWorker switched =
                story.worker("switched").slots(1_000).instance("one").joins();
        long last = 0;
        for (Assign lease : switched.takeAllLeases()) {
            last = Math.max(last, lease.to() - 1);
        }
        switched.leaves();
        StoryWorker ann = story.worker("ann").slots(1_000).joins();
        for (Assign lease : ann.takeAllLeases()) {
            if (lease.from() <= last && last < lease.to()) {
                ann.fails(lease, last);
            }
        }
        story.worker("switched").slots(1).instance("one").joins();
        story.pass(1_000);
        story.saved("large").stream()
                .flatMap(saved -> saved.chunks().stream())
                .flatMap(chunk -> chunk.attempts().stream())
                .forEach(saved -> assertTrue(saved.deaths() >= 0, saved.toString()));
    }

    @Test
    void suspectsThatNobodyTakesKeepNoOtherTaskFromGoingOn() {
        SchedulerStory story = withHistories(100);
        story.submitAccepted(task("left").type("left").subtasks(10_000));
        story.worker("dying").takesOnly("left").slots(90).joins().leaves();
        assertTrue(story.core().subtaskBytes() <= 25 * SubtaskBytes.HISTORY);
        story.submitAccepted(task("broken").subtasks(1_000));
        StoryWorker ann = story.worker("ann").takesOnly("numbers").slots(20).joins();
        failAll(ann, 60);
        for (int i = 0; i < 20; i++) {
            story.pass(1_000);
            ann.beats();
            ann.answersAll();
        }
        story.completes("broken");
        CoreInspection.checkInvariants(story.core());
    }

    @Test
    void suspicionsOfAnyTaskAreForgottenBeforeOneFails() {
        SchedulerStory story = withHistories(100);
        story.submitAccepted(task("broken").type("broken").subtasks(1_000));
        StoryWorker clumsy =
                story.worker("clumsy").takesOnly("broken").slots(60).credit(60).joins();
        failAll(clumsy, 60);
        story.submitAccepted(task("other").subtasks(1_000));
        story.worker("dying").takesOnly("numbers").slots(50).joins().leaves();
        assertEquals(1_000, story.ledger("broken").total());
        assertTrue(story.core().subtaskBytes() <= 100 * SubtaskBytes.HISTORY);
        story.worker("ann").takesOnly("numbers").joins().answersAll();
        story.completes("other");
    }

    @Test
    void historiesFoundAfterARestartMayExceedTheBound() {
        SchedulerStory before = new SchedulerStory(LimitsOf.with(draft -> draft.subtaskBytes = 1_000_000), true, 1);
        before.submitAccepted(task("patchy").subtasks(4_000));
        StoryWorker ann = before.worker("ann").slots(4).credit(1_000).joins();
        failAll(ann, 200);
        before.pass(1_000);
        SchedulerStory after = before.restart(LimitsOf.with(draft -> draft.subtaskBytes = 10 * SubtaskBytes.HISTORY));
        after.pass(10_000);
        after.worker("bob").joins().answersAll();
        after.pass(1_000);
        after.completes("patchy");
    }

    @Test
    void rangesOfFailedSubtasksOfAllTasksHaveABound() {
        SchedulerStory story =
                new SchedulerStory(LimitsOf.with(draft -> draft.failedRangeBytes = 10 * SubtaskBytes.FAILED_RANGE));
        StoryWorker ann = story.worker("ann").slots(1_000).joins();
        story.submitAccepted(task("patchy").subtasks(100).maxAttempts(1).continuesOnFailure());
        for (Assign lease : ann.takeAllLeases()) {
            for (long index = lease.from(); index < lease.to() && index < 22; index += 2) {
                ann.failsForGood(lease, index, "no such file");
            }
        }
        TaskFailure failure = story.fails("patchy");
        assertEquals(TaskFailure.Code.LIMIT_EXCEEDED, failure.code());
        assertTrue(failure.message().contains("11; see why"), failure.message());
        assertFalse(story.core().subtaskBytes() > 0);
    }
}
