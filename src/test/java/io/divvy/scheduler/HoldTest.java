package io.divvy.scheduler;

import static io.divvy.scheduler.TaskPlan.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.Ledger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a worker holds is bounded by time, whatever it did before and whether it gives back or not. */
class HoldTest {
    private static final int MILLION = 1_000_000;

    private final SchedulerStory story = new SchedulerStory();

    @Test
    void whatAWorkerDidForOneTaskSaysNothingOfTheNext() {
        StoryWorker ann = story.worker("ann").credit(100_000).joins();
        story.submitAccepted(task("quick").subtasks(100_000));
        while (ann.hasLease()) {
            story.pass(1);
            ann.answers(ann.takeLease());
        }
        story.completes("quick");

        story.submitAccepted(task("heavy").subtasks(MILLION).priority(-1));
        Assign heavy = ann.takeLease("heavy", 0, 2);
        ann.hasNothing();
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        story.pass(900);
        ann.releases(ann.isAskedToGiveBack(), 1); // Priority does not wait for time to run out.
        Assign urgent = ann.takeLease("urgent", 0, 1);
        ann.answers(heavy, 0, 1);
        ann.answers(urgent);
        story.completes("urgent");
    }

    /** Submits tasks of one subtask each. */
    private void submitMany(String prefix, int count, int priority) {
        for (int i = 0; i < count; i++) {
            story.submitAccepted(task(prefix + i).subtasks(1).priority(priority));
        }
    }

    /** Answers tasks of one subtask each, a hundred in a millisecond. Returns in how many turns. */
    private int answersQuickly(StoryWorker worker, int tasks) {
        int turns = 0;
        for (int done = 0; done < tasks; turns++) {
            List<Assign> held = worker.takeAllLeases();
            assertTrue(!held.isEmpty(), "nothing to do after " + done + " tasks");
            story.pass(1 + held.size() / 100);
            held.forEach(worker::answers);
            done += held.size();
        }
        story.takeReplies();
        return turns;
    }

    @Test
    void manyNewTasksAreNotHeldByTheSpeedOfTheirType() {
        story.checkEvery(1_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        story.submitAccepted(task("quick").subtasks(100_000));
        while (ann.hasLease()) {
            story.pass(1);
            ann.answers(ann.takeLease());
        }
        story.completes("quick");

        submitMany("heavy", 3_000, -1);
        List<Assign> held = ann.takeAllLeases();
        assertTrue(held.size() <= 4, held.size() + " are held, as if they were known to be quick");
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        story.pass(Limits.PREEMPTION_WAIT_MS + 50);
        for (int waiting = 1; waiting < held.size(); waiting++) {
            ann.releases(ann.isAskedToGiveBack(), 0);
        }
        ann.takeLease("urgent", 0, 1);
    }

    @Test
    void whatIsHeldOfManyQuickTasksDoublesFromTurnToTurn() {
        story.checkEvery(10_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        submitMany("quick", 10_000, 0);
        int turns = answersQuickly(ann, 10_000);
        assertTrue(turns <= 20, turns + " turns");
    }

    @Test
    void afterATypeWasTooSlowItsNewTasksAreHeldAsIfNothingWereKnown() {
        story.checkEvery(10_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        submitMany("quick", 10_000, 0);
        answersQuickly(ann, 10_000);
        submitMany("heavy", 3_000, 0);
        List<Assign> held = ann.takeAllLeases();
        assertTrue(held.size() > 1_000, held.size() + " is little for such a quick type");
        pass(2_000, ann);
        for (int revoked = 1; revoked < held.size(); revoked++) {
            ann.releases(ann.isAskedToGiveBack(), 0);
        }
        submitMany("more", 3_000, 1);
        ann.hasNothing();
        ann.answers(held.get(0));
        int most = 0;
        for (int i = 0; i < 10; i++) {
            held = ann.takeAllLeases();
            most = Math.max(most, held.size());
            pass(1_500, ann);
            held.forEach(ann::answers);
        }
        assertTrue(most <= 2, most + " heavy ones at once");
    }

    /** With nothing measured it may hold twice what it has answered, and then what it does in a second. */
    @Test
    void leasesOfAQuickTaskSoonHaveTheirFullSize() {
        story.checkEvery(1_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        story.submitAccepted(task("quick").subtasks(10_000L * MILLION));
        int leases = 0;
        long size = 0;
        while (size < 100_000) {
            Assign lease = ann.takeLease();
            size = lease.to() - lease.from();
            leases++;
            story.pass(1 + size / 100_000);
            ann.answers(lease);
        }
        assertTrue(leases <= 25, leases + " leases");
    }

    @Test
    void theSizeOfALeaseAtMostFollowsWhatWasDone() {
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        story.submitAccepted(task("quick").subtasks(MILLION));
        long done = 0;
        for (int i = 0; i < 10; i++) {
            Assign lease = ann.takeLease();
            long size = lease.to() - lease.from();
            assertTrue(size <= Math.max(2, 2 * done), size + " after " + done);
            ann.answers(lease);
            done += size;
        }
        assertTrue(done > 1_000, done + " done in ten leases");
    }

    @Test
    void whatIsNotStartedInTimeIsTakenBackThoughNobodyIsIdle() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(10));
        Assign first = ann.takeLease("heavy", 0, 2);
        story.pass(1_999);
        ann.hasNothing();
        story.pass(1);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(1, revoke.from(), "what it runs is left to it");
        ann.releases(revoke, 1);
        assertEquals(new Ledger(10, 9, 1, 0, 0, 0), story.ledger("heavy"));

        // Nothing goes to and fro: it gets what was taken back when it can begin with it, one after the other.
        story.pass(8_000);
        ann.hasNothing();
        ann.answers(first, 0, 1);
        for (int index = 1; index < 10; index++) {
            Assign next = ann.takeLease("heavy", index, index + 1);
            story.pass(10_000);
            ann.beats();
            ann.hasNothing();
            ann.answers(next);
        }
        assertEquals(0, story.completes("heavy").duplicates());
        story.isOver();
    }

    /** Priority takes back what lies in its way, and time what is left: each is asked for once. */
    @Test
    void whatIsRevokedForHigherPriorityIsNotRevokedAgain() {
        StoryWorker ann = story.worker("ann").slots(2).credit(10).joins();
        story.submitAccepted(task("low").subtasks(100).priority(-1));
        Assign low = ann.takeLease("low", 0, 4);
        story.submitAccepted(task("high").subtasks(1));
        story.pass(Limits.PREEMPTION_WAIT_MS + 50);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(2, revoke.from());
        story.pass(1_000);
        ann.hasNothing();
        ann.releases(revoke, 2);
        Assign high = ann.takeLease("high", 0, 1);
        story.pass(2_000);
        revoke = ann.isAskedToGiveBack();
        assertEquals(high.lease(), revoke.lease(), "it waits for what runs, which may take long");
        ann.releases(revoke, 0);
        pass(20_000, ann);
        ann.hasNothing();
        ann.answers(low, 0, 1);
        ann.answers(ann.takeLease("high", 0, 1));
        story.completes("high");
    }

    /** What a revoke for higher priority asked for and nobody released goes elsewhere, as if time had asked for it. */
    @Test
    void whoIgnoresARevokeForHigherPriorityDoesNotKeepTheRestForItself() {
        StoryWorker ann = story.worker("ann").slots(2).credit(10).joins();
        story.submitAccepted(task("low").subtasks(4).priority(-1));
        List<Assign> held = ann.takeAllLeases();
        story.submitAccepted(task("high").subtasks(1));
        pass(Limits.PREEMPTION_WAIT_MS + 50 + 4_000, ann);
        assertEquals(new Ledger(4, 2, 2, 0, 0, 0), story.ledger("low"));
        ann.takeAllLeases();
        ann.answers(held.get(0), 0, 1);
        ann.hasNothing();
        ann.answers(held.get(0), 1, 2);
        held.subList(1, held.size()).forEach(ann::answers);
        ann.answers(ann.takeLease("high", 0, 1));
        story.completes("high");
        ann.answersAll();
        story.completes("low");
        story.isOver();
    }

    private void pass(long ms, StoryWorker... beating) {
        long untilMs = story.nowMs() + ms;
        while (story.nowMs() < untilMs) {
            story.pass(Math.min(1_000, untilMs - story.nowMs()));
            for (StoryWorker worker : beating) {
                worker.beats();
            }
        }
    }

    @Test
    void whatWaitsBehindALongSubtaskIsTakenBackToo() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("long").type("long").subtasks(1));
        Assign running = ann.takeLease("long", 0, 1);
        story.submitAccepted(task("short").type("short").subtasks(1));
        Assign waiting = ann.takeLease("short", 0, 1);
        story.pass(2_000);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(waiting.lease(), revoke.lease());
        ann.releases(revoke, 0);
        story.pass(9_000);
        ann.beats();
        ann.hasNothing();
        StoryWorker bob = story.worker("bob").joins();
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        ann.answers(running);
        story.completes("long");
    }

    @Test
    void aQuickTaskThatWaitsBehindALongSubtaskIsStillKnownToBeQuick() {
        StoryWorker ann = story.worker("ann").credit(1_000).joins();
        story.submitAccepted(task("quick").type("quick").subtasks(100_000));
        for (long done = 0; done < 1_000; ) {
            Assign lease = ann.takeLease();
            story.pass(5);
            ann.answers(lease);
            done += lease.to() - lease.from();
        }
        story.submitAccepted(task("long").type("long").subtasks(1).priority(1));
        Assign running = ann.takeLease();
        while (!running.task().value().equals("long")) {
            ann.answers(running);
            running = ann.takeLease();
        }
        pass(2_000, ann);
        for (Effect message = ann.poll(); message != null; message = ann.poll()) {
            if (message instanceof Effect.Revoke revoke) {
                ann.releases(revoke, revoke.from());
            }
        }
        pass(20_000, ann);
        ann.hasNothing();
        ann.answers(running);
        story.completes("long");
        Assign next = ann.takeLease();
        assertTrue(next.to() - next.from() > 10, next + " as if nothing were known of its task");
    }

    @Test
    void subtasksThatBecomeHeavyGoToAndFroAFewTimesAtMost() {
        story.checkEvery(100);
        List<Effect> revokes = new ArrayList<>();
        long[] assigned = new long[1];
        story.listen(effect -> {
            if (effect instanceof Effect.Revoke) {
                revokes.add(effect);
            } else if (effect instanceof Assign lease) {
                assigned[0] += lease.to() - lease.from();
            }
        });
        StoryWorker ann = story.worker("ann").credit(10_000).joins();
        story.submitAccepted(task("squares").subtasks(5_000));
        TimedWorker.run(story, List.of(new TimedWorker(story, ann, done -> done < 2_000 ? 1 : 400)));
        story.completes("squares");
        assertTrue(!revokes.isEmpty() && revokes.size() <= 6, revokes::toString);
        assertTrue(assigned[0] <= 5_000 + 2_000, assigned[0] + " assigned");
    }

    @Test
    void whatIsNotGivenBackIsLeasedElsewhereTooAndTheFirstAnswerCounts() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(4));
        Assign anns = ann.takeLease("heavy", 0, 2);
        story.pass(2_000);
        ann.isAskedToGiveBack();
        story.pass(1_999);
        assertEquals(new Ledger(4, 2, 2, 0, 0, 0), story.ledger("heavy"));
        story.pass(1);
        assertEquals(new Ledger(4, 3, 1, 0, 0, 0), story.ledger("heavy"), "what it can have started it keeps alone");

        StoryWorker bob = story.worker("bob").joins();
        Assign bobs = bob.takeLease("heavy", 1, 2);
        assertEquals(new Ledger(4, 2, 2, 0, 0, 0), story.ledger("heavy"), "an index counts once");
        ann.answers(anns, 0, 1);
        ann.hasNothing();
        ann.answers(anns, 1, 2);
        assertEquals(new Ledger(4, 1, 1, 2, 0, 0), story.ledger("heavy"));
        bob.answers(bobs);
        Assign next = ann.takeLease("heavy", 2, 3);
        ann.hasNothing();
        bob.answers(bob.takeLease("heavy", 3, 4));
        ann.answers(next);
        assertEquals(1, story.completes("heavy").duplicates());
        story.isOver();
    }

    @Test
    void whoIgnoresARevokeGetsOneSubtaskASlotFromThenOn() {
        StoryWorker ann = ignorant();
        story.submitAccepted(task("more").subtasks(1_000));
        for (int index = 0; index < 20; index += 2) {
            Assign both = ann.takeLease("more", index, index + 2);
            ann.hasNothing();
            story.pass(50);
            ann.answers(both);
        }
    }

    @Test
    void whoGivesBackLateIsTrustedAgain() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(4));
        Assign first = ann.takeLease("heavy", 0, 2);
        story.pass(2_000);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        story.pass(3_000);
        ann.releases(revoke, 1);
        assertEquals(new Ledger(4, 3, 1, 0, 0, 0), story.ledger("heavy"));
        ann.answers(first, 0, 1);
        ann.answersAll();
        story.completes("heavy");
        story.submitAccepted(task("more").subtasks(1_000));
        ann.takeLease("more", 0, 2);
    }

    /** A slow helper has use for a part of a lease only. The rest is not asked for, as that lease is asked for already. */
    @Test
    void allThatWhoIgnoresARevokeHasNotStartedIsLeasedElsewhere() {
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("slow").subtasks(1));
        Assign slow = bob.takeLease("slow", 0, 1);
        story.pass(1_000);
        bob.answers(slow);
        story.completes("slow");

        story.submitAccepted(task("other").type("other").subtasks(1));
        Assign other = bob.takeLease("other", 0, 1);
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(36));
        ann.answers(ann.takeLease("heavy", 0, 2));
        ann.answers(ann.takeLease("heavy", 2, 6));
        Assign held = ann.takeLease("heavy", 6, 13);
        ann.hasNothing();
        bob.answers(other);
        story.completes("other");
        bob.answersAll();
        story.pass(25);
        assertEquals(12, ann.isAskedToGiveBack().from(), "a part");

        story.submitAccepted(task("more").subtasks(MILLION)); // Nobody is idle any more, and nothing is copied.
        for (int i = 0; i < 50; i++) {
            bob.takeAllLeases().forEach(bob::answers);
            story.pass(100);
            bob.beats();
            ann.beats();
        }
        ann.hasNothing();
        assertEquals(1, story.ledger("heavy").leased(), "what ann can have started");
        ann.answers(held, 6, 7);
        story.completes("heavy");
    }

    @Test
    void theDeathOfWhoIgnoresARevokeLosesNothing() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(4));
        ann.takeLease("heavy", 0, 2);
        story.pass(4_000);
        StoryWorker bob = story.worker("bob").joins();
        Assign bobs = bob.takeLease("heavy", 1, 2);
        ann.leaves();
        assertEquals(new Ledger(4, 3, 1, 0, 0, 0), story.ledger("heavy"));
        bob.answers(bobs);
        bob.answersAll();
        story.completes("heavy");
        story.isOver();
    }

    /** A worker of two slots that let a revoke go unanswered, and holds nothing now. */
    private StoryWorker ignorant() {
        StoryWorker ann = story.worker("ann").slots(2).credit(100).joins();
        story.submitAccepted(task("heavy").subtasks(8));
        List<Assign> held = ann.takeAllLeases();
        story.pass(4_000);
        ann.takeAllLeases();
        held.forEach(ann::answers);
        ann.answersAll();
        story.completes("heavy");
        return ann;
    }
}
