package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is to come first does not wait for what others hold and have not started. */
class PreemptionTest {
    /** Within so much more than the time that something may wait it is looked at. */
    private static final long LOOK_MS = 50;

    /** Without what is taken back because it waits for long, whatever comes first. */
    private final SchedulerStory story = new SchedulerStory(LimitsOf.with(draft -> draft.holdMs = 1L << 40));

    private void pass(long ms, StoryWorker... beating) {
        long untilMs = story.nowMs() + ms;
        while (story.nowMs() < untilMs) {
            story.pass(Math.min(StoryWorker.HEARTBEAT_MS, untilMs - story.nowMs()));
            for (StoryWorker worker : beating) {
                worker.beats();
            }
        }
    }

    /** Returns what a worker of one slot holds of the task once it showed that it is worth many of its subtasks. */
    private List<Assign> held(StoryWorker worker) {
        long done = 0;
        while (done < 60) {
            story.pass(5);
            Assign lease = worker.takeLease();
            worker.answers(lease);
            done += lease.to() - lease.from();
        }
        return worker.takeAllLeases();
    }

    private static long size(List<Assign> leases) {
        return leases.stream().mapToLong(lease -> lease.to() - lease.from()).sum();
    }

    /** The worker does what it is asked to, and has started only the first subtask of all. */
    private static void releasesAll(StoryWorker worker, long runningLease) {
        List<Effect.Revoke> revokes = new ArrayList<>();
        for (Effect message = worker.poll(); message != null; message = worker.poll()) {
            revokes.add((Effect.Revoke) message);
        }
        assertTrue(revokes.size() > 0, "nothing is revoked");
        for (Effect.Revoke revoke : revokes) {
            assertTrue(revoke.lease() != runningLease || revoke.from() > 0, "what runs is left alone: " + revoke);
            worker.releases(revoke, revoke.from());
        }
    }

    @Test
    void unstartedIndexesAreRevokedForHigherPriority() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("low").subtasks(100_000).priority(-1));
        List<Assign> held = held(ann);
        assertTrue(size(held) > 100, held + " is little");
        story.submitAccepted(task("high").subtasks(1));
        story.pass(Limits.PREEMPTION_WAIT_MS - 1);
        ann.hasNothing();
        story.pass(1 + LOOK_MS);
        releasesAll(ann, held.get(0).lease());
        ann.takeLease("high", 0, 1);
        assertEquals(1, story.ledger("low").leased() - size(ann.takeAllLeases()), "what runs");
    }

    @Test
    void unstartedIndexesAreRevokedForEqualPriorityOnlyAfterASecond() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("one").subtasks(100_000));
        List<Assign> held = held(ann);
        story.submitAccepted(task("two").subtasks(1));
        story.pass(Limits.NEWCOMER_WAIT_MS - 1);
        ann.hasNothing();
        // Unless one of them would not even begin.
        story.pass(1 + LOOK_MS);
        releasesAll(ann, held.get(0).lease());
        ann.takeLease("two", 0, 1);
    }

    @Test
    void newcomersDoNotOvertakeEachOther() {
        StoryWorker ann = story.worker("ann").credit(2).joins();
        story.submitAccepted(task("one").subtasks(1));
        story.submitAccepted(task("two").subtasks(1));
        story.submitAccepted(task("three").subtasks(1));
        ann.takeLease("one", 0, 1);
        ann.takeLease("two", 0, 1);
        pass(10_000, ann);
        ann.hasNothing();
    }

    /** So many workers of one slot, each of which holds more than it runs of a task of low priority. */
    private List<StoryWorker> busyWorkers(int count) {
        List<StoryWorker> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            workers.add(story.worker("busy" + i).credit(1_000).joins());
        }
        story.submitAccepted(task("low").subtasks(100_000).priority(-1));
        workers.forEach(StoryWorker::takeAllLeases);
        return workers;
    }

    private static List<Effect.Revoke> revokes(List<StoryWorker> workers) {
        List<Effect.Revoke> revokes = new ArrayList<>();
        for (StoryWorker worker : workers) {
            for (Effect message = worker.poll(); message != null; message = worker.poll()) {
                revokes.add((Effect.Revoke) message);
            }
        }
        return revokes;
    }

    private static long asked(List<Effect.Revoke> revokes) {
        return revokes.stream().map(Effect.Revoke::worker).distinct().count();
    }

    private List<Effect.Revoke> nextRevokes(List<StoryWorker> workers) {
        List<Effect.Revoke> revokes = List.of();
        while (revokes.isEmpty()) {
            story.pass(1);
            revokes = revokes(workers);
        }
        return revokes;
    }

    @Test
    void onlyAsManyWorkersAreAskedAsThereIsUseFor() {
        List<StoryWorker> workers = busyWorkers(6);
        story.submitAccepted(task("high").subtasks(2));
        assertEquals(2, asked(nextRevokes(workers)));
        story.pass(Limits.PREEMPTION_WAIT_MS - 1);
        assertEquals(0, asked(revokes(workers)), "asked while the answers are under way");
        // Nobody answers: somebody else has to be asked.
        story.pass(1);
        assertEquals(2, asked(revokes(workers)));
    }

    @Test
    void anAnsweredRevokeLeadsToNoFurtherOne() {
        List<StoryWorker> workers = busyWorkers(6);
        story.submitAccepted(task("high").subtasks(2));
        List<Effect.Revoke> revokes = nextRevokes(workers);
        StoryWorker first = workers.stream()
                .filter(worker -> worker.id.equals(revokes.get(0).worker()))
                .findFirst()
                .orElseThrow();
        revokes.stream()
                .filter(revoke -> revoke.worker().equals(first.id))
                .forEach(revoke -> first.releases(revoke, revoke.from()));
        first.takeLease("high", 0, 1);
        first.takeAllLeases();
        story.pass(LOOK_MS);
        assertEquals(0, asked(revokes(workers)), "one is left, and one is asked");
    }

    @Test
    void aRevokeForOneTaskDoesNotCountForAnother() {
        List<StoryWorker> workers = busyWorkers(6);
        story.submitAccepted(task("high").subtasks(1));
        story.submitAccepted(task("higher").subtasks(2).priority(1));
        assertEquals(3, asked(nextRevokes(workers)));
        story.pass(Limits.PREEMPTION_WAIT_MS - 1);
        assertEquals(0, asked(revokes(workers)));
    }

    /** Whatever was served before, it has a right to one slot only. */
    @Test
    void amongEqualsANewcomerAsksOneWorkerForItsFirstSubtask() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("long ago").subtasks(1).priority(-1));
        ann.answersAll();
        story.completes("long ago");
        StoryWorker bob = story.worker("bob").credit(1_000).joins();
        story.submitAccepted(task("one").subtasks(100_000));
        ann.takeAllLeases();
        bob.takeAllLeases();
        story.submitAccepted(task("two").subtasks(10));
        story.pass(Limits.NEWCOMER_WAIT_MS - 1);
        Effect toAnn = null;
        Effect toBob = null;
        while (toAnn == null && toBob == null) {
            story.pass(1);
            toAnn = ann.poll();
            toBob = bob.poll();
        }
        assertTrue(toAnn == null || toBob == null, "both are asked for one subtask");
    }

    @Test
    void aWorkerThatDoesNotTakeTheTypeIsNotAsked() {
        StoryWorker ann = story.worker("ann").credit(4).takesOnly("numbers").joins();
        story.submitAccepted(task("low").subtasks(100).priority(-1));
        ann.takeAllLeases();
        story.submitAccepted(task("high").type("letters").subtasks(1));
        pass(10_000, ann);
        ann.hasNothing();
    }

    @Test
    void aLeaseOfHigherPriorityOvertakesUnstartedOnesInItsQueue() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("low").subtasks(110).priority(-1));
        List<Assign> held = held(ann);
        assertTrue(size(held) > 20, held + " is little");
        story.submitAccepted(task("high").subtasks(1));
        Assign high = ann.takeLease("high", 0, 1);
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        releasesAll(ann, held.get(0).lease());
        assertEquals(1, story.ledger("high").leased());
        ann.answers(held.get(0), 0, 1);
        ann.answers(high);
        story.completes("high");
    }

    @Test
    void aLeaseOvertakesOnceItsPayloadsAreThere() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("low").subtasks(110).priority(-1));
        List<Assign> held = held(ann);
        story.holdPayloads();
        story.submitAccepted(task("high").subtasks(1));
        pass(Limits.PREEMPTION_WAIT_MS + 10 * LOOK_MS, ann);
        story.releaseHeld();
        ann.takeLease("high", 0, 1);
        story.pass(LOOK_MS);
        releasesAll(ann, held.get(0).lease());
    }

    @Test
    void runningSubtasksAreNotInterrupted() {
        StoryWorker ann = story.worker("ann").slots(2).credit(2).joins();
        story.submitAccepted(task("low").subtasks(100).priority(-1));
        ann.takeLease("low", 0, 2);
        story.submitAccepted(task("high").subtasks(1));
        pass(60_000, ann);
        ann.hasNothing();
    }

    @Test
    void aTaskThatWaitedForAnHourGoesFirst() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("low").subtasks(2).priority(-1_000));
        Assign first = ann.takeLease("low", 0, 1);
        story.submitAccepted(task("high").subtasks(1_000).priority(1_000));
        ann.answers(first);
        long sinceMs = story.nowMs();
        Assign lease = ann.takeLease("high", 0, 1);
        while (lease.task().value().equals("high")) {
            pass(60_000, ann);
            assertTrue(story.nowMs() - sinceMs <= 61 * 60_000, "it starves");
            ann.answers(lease);
            lease = ann.takeLease();
        }
        assertTrue(story.nowMs() - sinceMs >= Limits.DEFAULT.longestStarvationMs(), "too soon");
        // It had its turn.
        ann.answers(lease);
        story.completes("low");
    }

    @Test
    void unstartedIndexesAreRevokedForAnAgedTaskToo() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("high").subtasks(1_000_000).priority(1));
        Assign running = held(ann).get(0);
        story.submitAccepted(task("low").subtasks(1).priority(-1));
        pass(Limits.DEFAULT.longestStarvationMs() - 1_000, ann);
        ann.hasNothing();
        pass(1_000 + Limits.PREEMPTION_WAIT_MS + LOOK_MS, ann);
        releasesAll(ann, running.lease());
        ann.takeLease("low", 0, 1);
    }

    @Test
    void preemptionHasNoTimerWhileNoTaskWaits() {
        StoryWorker ann = story.worker("ann").credit(2).joins();
        story.submitAccepted(task("one").subtasks(3));
        ann.answersAll();
        story.completes("one");
        story.pass(Limits.PREEMPTION_WAIT_MS);
        ann.leaves();
        assertEquals(Long.MAX_VALUE, story.core().nextDeadlineMs());
    }

    /** A worker of one slot that holds thousands of tasks of one subtask, each of which takes long, as others were quick. */
    private List<Assign> hoard(StoryWorker worker) {
        story.checkEvery(10_000);
        for (int i = 0; i < 8_000; i++) {
            story.submitAccepted(task("quick" + i).subtasks(1).priority(-1));
        }
        for (int done = 0; done < 8_000; ) {
            List<Assign> held = worker.takeAllLeases();
            story.pass(1 + held.size() / 100);
            held.forEach(worker::answers);
            done += held.size();
        }
        story.takeReplies();
        for (int i = 0; i < 2_500; i++) {
            story.submitAccepted(task("heavy" + i).subtasks(1).priority(-1));
        }
        List<Assign> held = worker.takeAllLeases();
        assertTrue(held.size() > 1_500, held.size() + " is little");
        return held;
    }

    @Test
    void anUrgentTaskOvertakesThousandsOfLeasesAtOnce() {
        StoryWorker ann = story.worker("ann").credit(1_000_000).joins();
        List<Assign> held = hoard(ann);
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        Assign urgent = ann.takeLease("urgent", 0, 1);
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        for (int i = 1; i < held.size(); i++) {
            assertEquals(held.get(i).lease(), ann.isAskedToGiveBack().lease(), "in front of " + urgent);
        }
        ann.hasNothing();
    }

    @Test
    void thousandsOfLeasesMakeWayForAnotherTypeAtOnce() {
        StoryWorker ann = story.worker("ann").credit(1_000_000).joins();
        List<Assign> held = hoard(ann);
        story.submitAccepted(task("urgent").type("other").subtasks(1).priority(100));
        ann.hasNothing();
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        for (int i = 1; i < held.size(); i++) {
            ann.releases(ann.isAskedToGiveBack(), 0);
        }
        ann.takeLease("urgent", 0, 1);
    }

    /** Workers of any type that hold one subtask each, which they run, and so many types for which something waits. */
    private void fillsWithTypes(int workers, int types) {
        story.checkEvery(1_000_000);
        story.submitAccepted(task("running").subtasks(10L * workers).priority(-2));
        for (int i = 0; i < workers; i++) {
            story.worker("any" + i).joins().takeLease();
        }
        for (int i = 0; i < types; i++) {
            story.submitAccepted(task("waiting" + i).type("type" + i).subtasks(1));
        }
    }

    @Test
    void manyTypesAndWorkersAreLookedAtInTurnAndNobodyStarves() {
        fillsWithTypes(300, 200);
        StoryWorker ann = story.worker("ann").credit(1_000).takesOnly("last").joins();
        story.submitAccepted(task("low").type("last").subtasks(100_000).priority(-1));
        List<Assign> held = held(ann);
        story.submitAccepted(task("last").type("last").subtasks(1));
        story.pass(Limits.PREEMPTION_WAIT_MS + LOOK_MS);
        ann.hasNothing(); // One look cannot visit so many workers for so many types.
        story.pass(20 * LOOK_MS);
        releasesAll(ann, held.get(0).lease());
        ann.takeLease("last", 0, 1);
    }

    @Test
    void theHighestPriorityDoesNotWaitForTheTurnOfItsType() {
        fillsWithTypes(300, 200);
        StoryWorker ann = story.worker("ann").credit(1_000).takesOnly("urgent").joins();
        story.submitAccepted(task("low").type("urgent").subtasks(100_000).priority(-1));
        List<Assign> held = held(ann);
        story.submitAccepted(task("urgent").type("urgent").subtasks(1).priority(1));
        story.pass(Limits.PREEMPTION_WAIT_MS + 2 * LOOK_MS);
        releasesAll(ann, held.get(0).lease());
        ann.takeLease("urgent", 0, 1);
    }
}
