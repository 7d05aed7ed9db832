package io.divvy.scheduler;

import static io.divvy.scheduler.TaskPlan.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.scheduler.Explanation.Bound;
import io.divvy.scheduler.Explanation.HeldBack;
import io.divvy.state.Ledger;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What workers make the core grow by has bytes that all share: whoever takes much of them leaves others enough to go on. */
class MemoryTest {
    /** A lease of a task that its worker did not know. */
    private static final long NEW_LEASE_BYTES =
            WorkerRoom.LEASE_BYTES + SubtaskBytes.RANGE + WorkerRoom.KNOWN_TASK_BYTES;

    private static SchedulerStory withWorkerBytes(long bytes) {
        return new SchedulerStory(LimitsOf.with(draft -> draft.workerBytes = bytes));
    }

    private static SchedulerStory withHistories(int most) {
        return new SchedulerStory(LimitsOf.with(draft -> draft.subtaskBytes = most * SubtaskBytes.HISTORY));
    }

    private static void submitSmall(SchedulerStory story, int from, int to) {
        for (int i = from; i < to; i++) {
            story.submitAccepted(task("small-" + i).subtasks(1));
        }
    }

    @Test
    void aWorkerThatTakesAllItCanLeavesAnotherItsPart() {
        SchedulerStory story = withWorkerBytes(40 * NEW_LEASE_BYTES);
        submitSmall(story, 0, 100);
        StoryWorker greedy = story.worker("greedy").slots(1_000).joins();
        int greedys = greedy.takeAllLeases().size();
        assertTrue(greedys == 20, greedys + " leases: the half that goes to whoever comes first");
        StoryWorker modest = story.worker("modest").slots(1_000).joins();
        int modests = modest.takeAllLeases().size();
        assertTrue(modests >= 9 && modests <= 11, modests + " leases: one of two equal parts of the other half");
    }

    @Test
    void aWorkerThatWaitsForMemoryGoesOnWhenItIsThere() {
        SchedulerStory story = withWorkerBytes(20 * NEW_LEASE_BYTES);
        submitSmall(story, 0, 100);
        StoryWorker greedy = story.worker("greedy").slots(1_000).joins();
        List<Assign> held = greedy.takeAllLeases();
        assertEquals(
                new HeldBack(Bound.WORKER_BYTES, 20 * NEW_LEASE_BYTES),
                story.explain("small-99").get(0));
        greedy.answers(held.get(0));
        List<Assign> next = greedy.takeAllLeases();
        assertEquals(1, next.size(), "one ended, one begins");
        next.forEach(greedy::answers);
        for (Assign lease : held.subList(1, held.size())) {
            greedy.answers(lease);
        }
        while (greedy.hasLease()) {
            greedy.takeAllLeases().forEach(greedy::answers);
        }
        assertEquals(0, story.core().openTasks());
        story.takeReplies();
    }

    @Test
    void whoWaitsGetsThePartOfThoseThatLeft() {
        SchedulerStory story = withWorkerBytes(20 * NEW_LEASE_BYTES);
        submitSmall(story, 0, 100);
        story.worker("greedy").slots(1_000).joins();
        List<StoryWorker> others = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            others.add(story.worker("other-" + i).slots(1_000).joins());
        }
        StoryWorker second = story.worker("second").slots(1_000).joins();
        int before = second.takeAllLeases().size();
        others.forEach(StoryWorker::leaves);
        int more = second.takeAllLeases().size();
        assertTrue(before >= 1 && more >= 1, before + " leases, and " + more + " more");
    }

    @Test
    void workersThatComeOneAfterTheOtherTakeNoMoreThanThereIs() {
        SchedulerStory story = withWorkerBytes(40 * NEW_LEASE_BYTES);
        submitSmall(story, 0, 200);
        for (int i = 0; i < 20; i++) {
            story.worker("worker-" + i).slots(1_000).joins();
        }
        long most = 40 * NEW_LEASE_BYTES + 20 * (NEW_LEASE_BYTES + WorkerRoom.PACE_BYTES);
        assertTrue(story.core().workerBytes() <= most, story.core().workerBytes() + " bytes");
    }

    @Test
    void whoWaitsGoesOnWhenWhatItAnsweredIsDurableAndCanBeForgotten() {
        SchedulerStory story =
                new SchedulerStory(LimitsOf.with(draft -> draft.workerBytes = 5 * NEW_LEASE_BYTES), true, 1);
        StoryWorker ann = story.worker("ann").slots(3).takesOnly("a").joins();
        for (int i = 0; i < 6; i++) {
            story.submitAccepted(task("shared-" + i).type("a").subtasks(3)); // So few that each lease is of one.
        }
        List<Assign> first = ann.takeAllLeases();
        story.holdCommits();
        first.subList(1, first.size()).forEach(ann::answers);
        ann.takeAllLeases().forEach(ann::answers);
        ann.takeAllLeases();
        story.releaseHeld();
        story.pass(100);
        story.releaseHeld();
        story.pass(100);
        assertTrue(ann.hasLease(), "something can be forgotten by now, but it still waits");
    }

    @Test
    void tasksThatAWorkerHoldsAreNoReasonToKeepThoseThatItDoesNot() {
        SchedulerStory story = withWorkerBytes(200 * NEW_LEASE_BYTES);
        StoryWorker ann = story.worker("ann").slots(100).credit(100).joins();
        submitSmall(story, 0, 70);
        List<Assign> held = ann.takeAllLeases(); // More than are looked at to forget one.
        assertEquals(70, held.size());
        for (int i = 0; i < 300; i++) {
            story.submitAccepted(task("shared-" + i).subtasks(100));
        }
        for (int i = 0; i < 1_000; i++) {
            if (!ann.hasLease()) {
                story.pass(100); // Each look is at other tasks.
            }
            List<Assign> shared = ann.takeAllLeases();
            assertFalse(shared.isEmpty(), "it gets nothing beside what it holds");
            shared.forEach(ann::answers);
        }
        assertTrue(
                story.core().workerBytes() <= 200 * NEW_LEASE_BYTES,
                story.core().workerBytes() + " bytes");
    }

    @Test
    void howeverScarceMemoryIsAWorkerThatHoldsNothingGetsALease() {
        SchedulerStory story = withWorkerBytes(1);
        submitSmall(story, 0, 3);
        story.submitAccepted(task("large").subtasks(1_000));
        StoryWorker ann = story.worker("ann").slots(4).joins();
        StoryWorker bob = story.worker("bob").slots(4).joins();
        while (ann.hasLease() || bob.hasLease()) {
            ann.takeAllLeases().forEach(ann::answers);
            bob.takeAllLeases().forEach(bob::answers);
        }
        for (int i = 0; i < 3; i++) {
            story.completes("small-" + i);
        }
        story.completes("large");
        story.isOver();
    }

    @Test
    void aWorkerIsToldToForgetTasksOfWhichItHoldsNothing() {
        SchedulerStory story = withWorkerBytes(6 * NEW_LEASE_BYTES);
        StoryWorker ann = story.worker("ann").joins();
        for (int i = 0; i < 20; i++) {
            story.submitAccepted(task("shared-" + i).subtasks(100));
        }
        for (int i = 0; i < 100; i++) {
            ann.answers(ann.takeLease());
        }
        long known = 0;
        for (int i = 0; i < 20; i++) {
            known += ann.knows("shared-" + i) ? 1 : 0;
        }
        assertTrue(known < 10, "it knows " + known + " tasks");
        assertTrue(story.core().workerBytes() <= 6 * NEW_LEASE_BYTES);
    }

    @Test
    void nothingIsForgottenThatIsNotDurable() {
        SchedulerStory story =
                new SchedulerStory(LimitsOf.with(draft -> draft.workerBytes = 3 * NEW_LEASE_BYTES), true, 1);
        StoryWorker ann = story.worker("ann").acks().joins();
        for (int i = 0; i < 5; i++) {
            story.submitAccepted(task("shared-" + i).subtasks(100));
        }
        story.holdCommits();
        for (int i = 0; i < 5; i++) {
            ann.answers(ann.takeLease());
        }
        for (int i = 0; i < 5; i++) {
            assertTrue(ann.knows("shared-" + i));
        }
        story.releaseHeld();
        story.pass(1_000);
        story.releaseHeld();
        ann.takeAllLeases().forEach(ann::answers);
        ann.takeAllLeases().forEach(ann::answers);
        long known = 0;
        for (int i = 0; i < 5; i++) {
            known += ann.knows("shared-" + i) ? 1 : 0;
        }
        assertTrue(known < 5, "it knows all tasks");
    }

    @Test
    void endedLeasesAreForgottenWhereMemoryIsScarce() {
        SchedulerStory story = withWorkerBytes(10 * NEW_LEASE_BYTES);
        StoryWorker ann = story.worker("ann").slots(4).joins();
        for (int i = 0; i < 1_000; i++) {
            story.submitAccepted(task("cancelled-" + i).subtasks(4));
            story.cancel("cancelled-" + i);
            story.isCancelled("cancelled-" + i);
        }
        assertTrue(
                story.core().workerBytes() < 10 * NEW_LEASE_BYTES, story.core().workerBytes() + " bytes");
        story.submitAccepted(task("last").subtasks(4));
        ann.takeAllLeases().forEach(ann::answers);
        story.completes("last");
    }

    @Test
    void whereMemoryIsScarceALeaseWithMoreGapsThanItsWorkerHasSlotsIsLeasedAnew() {
        SchedulerStory story = withWorkerBytes(2_500);
        StoryWorker ann = story.worker("ann").slots(2).credit(1_000).joins();
        story.submitAccepted(task("squares").subtasks(1_000));
        for (int round = 0; round < 5; round++) {
            ann.answers(ann.takeLease());
        }
        Assign lease = ann.takeLease();
        assertTrue(lease.to() - lease.from() > 8, lease.toString());
        ann.answers(lease, lease.from() + 1, lease.from() + 2);
        ann.answers(lease, lease.from() + 3, lease.from() + 4);
        ann.hasNothing();
        long done = story.ledger("squares").done();
        ann.answers(lease, lease.from() + 5, lease.from() + 6);
        assertEquals(done + 1, story.ledger("squares").done());
        Assign again = ann.takeLease();
        assertEquals(lease.from(), again.from(), "what is unanswered of it");
        ann.answers(again);
        ann.answersAll();
        story.completes("squares");
    }

    @Test
    void howeverScarceMemoryIsSlotsMayAnswerInTheOrderInWhichTheyEnd() {
        SchedulerStory story = withWorkerBytes(1);
        StoryWorker ann = story.worker("ann").slots(8).credit(1_000).joins();
        story.submitAccepted(task("squares").subtasks(1_000));
        for (int round = 0; round < 5; round++) {
            ann.answers(ann.takeLease());
        }
        Assign lease = ann.takeLease();
        assertTrue(lease.to() - lease.from() >= 16, lease.toString());
        for (long index = lease.from() + 1; index < lease.from() + 16; index += 2) {
            ann.answers(lease, index, index + 1);
        }
        ann.hasNothing();
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
    void whatOnlyMayHaveKilledAWorkerIsForgottenBeforeATaskFailsForIt() {
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
    void aLossThatWasNoneTakesBackNothingThatWasForgotten() {
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
    void whatIsFoundAfterARestartMayBeMoreThanThereMayBe() {
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
