package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.scheduler.Explanation.Bound;
import io.divvy.scheduler.Explanation.HeldBack;
import io.divvy.testing.LimitsOf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leases and what workers know share some bytes: whoever takes much of them leaves others enough to go on. */
class WorkerRoomTest {
    /** A lease of a task that its worker did not know. */
    private static final long NEW_LEASE_BYTES =
            WorkerRoom.LEASE_BYTES + SubtaskBytes.RANGE + WorkerRoom.KNOWN_TASK_BYTES;

    private static SchedulerStory withWorkerBytes(long bytes) {
        return new SchedulerStory(LimitsOf.with(draft -> draft.workerBytes = bytes));
    }

    private static void submitSmall(SchedulerStory story, int from, int to) {
        for (int i = from; i < to; i++) {
            story.submitAccepted(task("small-" + i).subtasks(1));
        }
    }

    @Test
    void aWorkerThatHoldsAllItCanLeavesAnotherItsPart() {
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
    void aWorkerThatWaitsForMemoryGetsThePartOfWorkersThatLeft() {
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
    void aWorkerThatWaitsForMemoryGoesOnOnceItsAnswersAreDurable() {
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
    void tasksWhoseResultsAreNotDurableAreNotForgotten() {
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
}
