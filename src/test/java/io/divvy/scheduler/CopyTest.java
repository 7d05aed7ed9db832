package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A copy of what runs elsewhere has a slot only while nothing else is ready for it. */
class CopyTest {
    private final SchedulerStory story = new SchedulerStory();

    /** Ann runs the one subtask of a long task, and bob its copy. */
    private Assign copyAtBob(StoryWorker ann, StoryWorker bob) {
        story.submitAccepted(task("long").subtasks(1));
        ann.takeLease("long", 0, 1);
        story.pass(200);
        return bob.takeLease("long", 0, 1);
    }

    @Test
    void aCopyIsStoppedWhenSomethingElseIsReady() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        bob.hasNothing();
        bob.releases(copy.lease(), 0);
        assertEquals(ledger("1 leased"), story.ledger("long"), "ann still runs it");
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        ann.hasNothing();
    }

    @Test
    void aWorkerWithRoomGetsTheOtherWorkAtOnce() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        StoryWorker bob = story.worker("bob").credit(10).joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        bob.releases(copy.lease(), 0);
        ann.hasNothing();
    }

    @Test
    void onlySoManyCopiesAreStoppedAsAreInTheWay() {
        StoryWorker ann = story.worker("ann").slots(2).joins();
        StoryWorker bob = story.worker("bob").slots(2).joins();
        story.submitAccepted(task("long").subtasks(1));
        story.submitAccepted(task("longer").subtasks(1));
        List<Assign> originals = List.of(ann.takeLease(), bob.takeLease());
        story.pass(200);
        // Each has a slot left, for a copy of what the other one runs.
        Assign anns = ann.takeLease();
        Assign bobs = bob.takeLease();
        assertEquals(originals.get(1).task(), anns.task());
        story.submitAccepted(task("short").subtasks(1));
        // Nobody ever showed that it can stop one, so all are asked.
        ann.isAskedToStop(anns);
        bob.isAskedToStop(bobs);
        bob.releases(bobs.lease(), 0);
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        ann.releases(anns.lease(), 0);
        story.pass(1_000);
        ann.takeLease();
        bobs = bob.takeLease();
        // They have: one is enough.
        story.submitAccepted(task("second").subtasks(1));
        bob.isAskedToStop(bobs);
        ann.hasNothing();
    }

    @Test
    void aSlotThatIsFreeIsUsedBeforeACopyIsStopped() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        StoryWorker eve = story.worker("eve").joins();
        story.submitAccepted(task("short").subtasks(1));
        eve.answers(eve.takeLease("short", 0, 1));
        story.completes("short");
        bob.hasNothing();
        bob.answers(copy);
        story.completes("long");
    }

    @Test
    void aWorkerThatCannotStopACopyFinishesIt() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        story.pass(5_000);
        bob.hasNothing();
        bob.answers(copy);
        story.completes("long");
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
    }

    @Test
    void aReleaseThatCrossesTheAnswerIsOfNoConsequence() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        bob.answers(copy);
        story.completes("long");
        bob.releases(copy.lease(), 1);
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        bob.hasNothing();
    }

    @Test
    void anAnswerAfterTheReleaseStillCounts() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        bob.releases(copy.lease(), 0);
        Assign brief = bob.takeLease("short", 0, 1);
        bob.answers(copy);
        story.completes("long");
        bob.answers(brief);
        story.completes("short");
    }

    @Test
    void aSubtaskWhoseOriginalWorkerDiesIsPendingAgainThoughItsCopyWasStopped() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        ann.leaves();
        bob.releases(copy.lease(), 0);
        story.pass(1_000);
        while (bob.hasLease()) {
            bob.answers(bob.takeLease());
        }
        story.completes("short");
        story.completes("long");
    }

    @Test
    void theLastRunningCopyOfASubtaskIsNotStopped() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        ann.leaves();
        story.submitAccepted(task("short").subtasks(1));
        bob.hasNothing();
        bob.answers(copy);
        assertEquals(0, story.completes("long").duplicates());
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
    }

    @Test
    void aCopyWhosePayloadsAreNotMadeYetIsNeverSent() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("long").subtasks(1));
        ann.takeLease("long", 0, 1);
        story.holdPayloads();
        story.pass(200);
        bob.hasNothing();
        story.submitAccepted(task("short").subtasks(1));
        story.releaseHeld();
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        bob.hasNothing();
    }

    @Test
    void unstartedIndexesAreMovedBeforeAnythingIsCopied() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("long").subtasks(1));
        ann.takeLease("long", 0, 1);
        story.pass(500);
        story.submitAccepted(task("short").subtasks(1));
        Assign behind = ann.takeLease("short", 0, 1);
        story.pass(500);
        StoryWorker bob = story.worker("bob").joins();
        story.pass(99);
        bob.hasNothing();
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(behind.lease(), revoke.lease());
        ann.releases(revoke, 0);
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
        // Only now there is nothing better to do.
        story.pass(1_000);
        bob.takeLease("long", 0, 1);
    }

    @Test
    void whatAnotherWorkerHasNotStartedIsMovedWhereTheSlowestDoesNotAnswer() {
        StoryWorker ann = story.worker("ann").slots(2).credit(10).joins();
        StoryWorker eve = story.worker("eve").slots(2).credit(10).joins();
        for (String task : List.of("one", "two", "three", "four")) {
            story.submitAccepted(task(task).subtasks(1));
        }
        ann.takeAllLeases();
        eve.takeAllLeases();
        story.pass(100);
        story.submitAccepted(task("short").subtasks(2));
        Assign first = ann.takeLease();
        Assign second = eve.takeLease();
        story.pass(800);
        StoryWorker bob = story.worker("bob").joins();
        story.pass(50);
        assertEquals(second.lease(), eve.isAskedToGiveBack().lease());
        story.pass(150);
        bob.hasNothing();
        assertEquals(first.lease(), ann.isAskedToGiveBack().lease());
    }

    @Test
    void aLeaseBehindALongSubtaskMovesToTheWorkerThatStoppedACopyForIt() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        Assign behind = ann.takeLease("short", 0, 1);
        bob.releases(copy.lease(), 0);
        story.pass(25);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(behind.lease(), revoke.lease());
        ann.releases(revoke, 0);
        bob.answers(bob.takeLease("short", 0, 1));
        story.completes("short");
    }

    @Test
    void aLeaseThatWaitsForLongMovesToAWorkerThatRunsACopy() {
        StoryWorker eve = story.worker("eve").credit(100).takesOnly("letters").joins();
        story.submitAccepted(task("quick").type("letters").subtasks(100));
        while (eve.hasLease()) { // It shows that it is worth many.
            story.pass(10);
            eve.answers(eve.takeLease());
        }
        story.completes("quick");
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").credit(1).joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("one").subtasks(1));
        bob.isAskedToStop(copy);
        bob.releases(copy.lease(), 0); // It shows that it can.
        Assign one = bob.takeLease("one", 0, 1);
        story.submitAccepted(task("two").type("letters").subtasks(6));
        eve.answers(eve.takeLease("two", 0, 1));
        eve.answers(eve.takeLease("two", 1, 2));
        List<Assign> eves = eve.takeAllLeases();
        bob.answers(one);
        story.completes("one");
        story.pass(24);
        eve.answers(eves.get(0));
        eve.answers(eves.get(1)); // Quick so far: nothing of hers is worth to be moved.
        story.pass(1);
        copy = bob.takeLease("long", 0, 1);
        story.pass(1_000);
        Effect.Revoke revoke = eve.isAskedToGiveBack();
        assertEquals(eves.get(3).lease(), revoke.lease());
        bob.isAskedToStop(copy);
        bob.releases(copy.lease(), 0);
        eve.releases(revoke, revoke.from());
        bob.takeLease("two", 5, 6);
    }

    @Test
    void theDeathOfAWorkerThatRunsACopyCastsNoSuspicion() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("short").subtasks(1));
        bob.isAskedToStop(copy);
        bob.leaves();
        assertEquals(0, story.snapshot("long").retries());
        StoryWorker eve = story.worker("eve").joins();
        eve.answers(eve.takeLease("short", 0, 1));
        story.completes("short");
    }

    @Test
    void aWorkerThatIsReservedForATrialStopsItsCopies() {
        StoryWorker eve = story.worker("eve").takesOnly("letters").joins();
        StoryWorker ann = story.worker("ann").takesOnly("numbers").joins();
        StoryWorker bob = story.worker("bob").credit(3).joins();
        Assign copy = copyAtBob(ann, bob);
        story.submitAccepted(task("bad").type("letters").subtasks(1));
        eve.takeLease("bad", 0, 1);
        StoryWorker fay = story.worker("fay").takesOnly("letters").joins();
        eve.leaves();
        fay.takeLease("bad", 0, 1);
        fay.leaves();
        bob.isAskedToStop(copy);
        bob.hasNothing();
        bob.releases(copy.lease(), 0);
        bob.answers(bob.takeLease("bad", 0, 1));
        story.completes("bad");
    }
}
