package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskSnapshot;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a lease: answers in any portions, time that runs out, a worker that falls silent. */
class LeaseTest {
    /** Nobody is helped with what it holds: that is another story. */
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    @Test
    void aLeaseIsAnsweredInAnyPortions() {
        StoryWorker ann = story.worker("ann").slots(4).credit(8).joins();
        story.submitAccepted(task("squares").subtasks(16));
        Assign lease = ann.takeLease("squares", 0, 8);
        ann.answers(lease, 6, 8);
        ann.answers(lease, 0, 1);
        ann.answers(lease, 3, 5);
        assertEquals(ledger("4 pending, 7 leased, 5 done"), story.ledger("squares"));
        Assign next = ann.takeLease("squares", 8, 12);
        ann.answers(lease, 1, 3);
        ann.answers(lease, 5, 6);
        ann.answers(next);
        ann.answersAll();
        assertEquals(0, story.completes("squares").duplicates());
        story.isOver();
    }

    @Test
    void aSilentWorkerIsDroppedAfterThreeMissedHeartbeatsAndItsWorkGoesElsewhere() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(2));
        ann.takeLease("squares", 0, 1);
        StoryWorker bob = story.worker("bob").joins();
        Assign bobs = bob.takeLease("squares", 1, 2);

        story.pass(10_000);
        bob.beats();
        story.pass(4_999);
        assertEquals(2, story.core().connectedWorkers());
        story.pass(1);

        ann.isDropped("no sign of life for 15000 ms");
        assertEquals(1, story.core().connectedWorkers());
        bob.answers(bobs);
        bob.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anyMessageIsASignOfLife() {
        StoryWorker ann = story.worker("ann").credit(1).joins();
        story.submitAccepted(task("squares").subtasks(3));
        story.pass(14_999);
        ann.answers(ann.takeLease());
        story.pass(14_999);
        ann.fails(ann.takeLease(), 1);
        ann.takeLease();
        story.pass(14_999);
        ann.beats();
        story.pass(14_999);
        assertEquals(1, story.core().connectedWorkers());
        story.pass(1);
        ann.isDropped("no sign of life for 15000 ms");
    }

    @Test
    void aMessageThatWasReadLateBecauseTheServerWasBusyStillCountsAsASignOfLife() {
        StoryWorker ann = story.worker("ann").joins();
        story.passUnnoticed(60_000);
        ann.beats();
        assertEquals(1, story.core().connectedWorkers());
        ann.hasNothing();
    }

    @Test
    void aLeaseWithoutSubtaskTimeoutLivesAsLongAsItsWorker() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("long").subtasks(1));
        Assign lease = ann.takeLease();
        for (int hour = 0; hour < 24; hour++) {
            for (int beat = 0; beat < 3_600_000 / StoryWorker.HEARTBEAT_MS; beat += 2) {
                story.pass(2 * StoryWorker.HEARTBEAT_MS);
                ann.beats();
            }
        }
        ann.answers(lease);
        story.completes("long");
        story.isOver();
    }

    @Test
    void aLeaseThatStandsStillForTwiceTheSubtaskTimeoutExpiresAtTheCostOfAnAttempt() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("hangs").subtasks(2).subtaskTimeoutMs(1_000));
        Assign hung = ann.takeLease("hangs", 0, 1);
        StoryWorker bob = story.worker("bob").joins();
        bob.answers(bob.takeLease("hangs", 1, 2));

        story.pass(1_999);
        assertEquals(ledger("1 leased, 1 done"), story.ledger("hangs"));
        story.pass(1);
        assertEquals(ledger("1 pending, 1 done"), story.ledger("hangs"));
        assertEquals(1, story.snapshot("hangs").retries());

        story.pass(200); // the backoff
        bob.answers(bob.takeLease("hangs", 0, 1));
        story.completes("hangs");
        ann.hasNothing();
        ann.answers(hung); // of a task that is gone: nobody minds
        story.isOver();
    }

    @Test
    void theNextLeaseOfAWorkerThatStandsStillIsNotSuspectedOfItsDeath() {
        StoryWorker ann = story.worker("ann").slots(1).credit(10).joins();
        story.submitAccepted(task("hangs").subtasks(1).subtaskTimeoutMs(1_000));
        ann.takeLease("hangs", 0, 1);
        story.submitAccepted(task("next").subtasks(1));
        ann.takeLease("next", 0, 1);
        story.pass(2_000); // The time of the first lease is up.
        assertEquals(List.of(), CoreInspection.running(story.core(), ann.id));
    }

    @Test
    void aWorkerThatMovesOnKeepsItsLeases() {
        StoryWorker ann = story.worker("ann").slots(1).credit(10).joins();
        story.submitAccepted(task("slow").subtasks(20).subtaskTimeoutMs(1_000));
        Assign lease = ann.takeLease("slow", 0, 2);
        story.pass(1_500);
        ann.beats(lease, 1);
        story.pass(1_500);
        ann.answers(lease, 0, 1);
        Assign next = ann.takeLease("slow", 2, 3);
        story.pass(1_500);
        ann.answers(lease, 1, 2);
        story.pass(1_999);
        assertEquals(0, story.snapshot("slow").retries());
        ann.answers(next);
        ann.answersAll();
        assertEquals(0, story.completes("slow").retries());
        story.isOver();
    }

    @Test
    void aLateAnswerToAnExpiredLeaseCountsIfItsIndexIsOpen() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("hangs").subtasks(1).subtaskTimeoutMs(1_000));
        Assign hung = ann.takeLease("hangs", 0, 1);
        story.pass(2_000);
        ann.answers(hung); // while it waits for its next attempt
        TaskSnapshot last = story.completes("hangs");
        assertEquals(0, last.duplicates());
        story.isOver();
    }

    @Test
    void aLateAnswerToAnIndexThatIsDoneIsADuplicate() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        story.submitAccepted(task("hangs").subtasks(3).subtaskTimeoutMs(1_000));
        Assign hung = ann.takeLease("hangs", 0, 1);
        Assign bobs = bob.takeLease("hangs", 1, 2);
        bob.answers(bobs);
        Assign bobsNext = bob.takeLease("hangs", 2, 3);
        story.pass(1_900);
        bob.answers(bobsNext);
        story.pass(300); // ann's lease expires, and its backoff passes
        story.pass(100);
        Assign again = bob.takeLease("hangs", 0, 1);
        story.holdFinishes();
        bob.answers(again);
        ann.answers(hung);
        story.releaseHeld();
        story.completes("hangs");
        story.isOver();
    }

    @Test
    void aHungWorkerCostsOneSubtaskOneAttemptAndGetsNothingUntilItGoesOn() {
        StoryWorker ann = story.worker("ann").slots(1).credit(10).joins();
        story.submitAccepted(
                task("hangs").subtasks(8).subtaskTimeoutMs(1_000).maxAttempts(2).continuesOnFailure());
        Assign hung = ann.takeLease("hangs", 0, 2);
        for (int i = 0; i < 100; i++) {
            story.pass(1_000);
            ann.beats();
        }
        // Nothing is used up while it hangs, and nothing new is sent into the hole.
        ann.hasNothing();
        assertEquals(1, story.snapshot("hangs").retries());

        ann.answers(hung, 0, 1);
        ann.answersAll();
        assertEquals(0, story.completes("hangs").ledger().failed());
        story.isOver();
    }

    @Test
    void subtasksBehindAHungOneLoseNoAttempt() {
        StoryWorker ann = story.worker("ann").slots(2).credit(10).joins();
        story.submitAccepted(task("hangs").subtasks(1).subtaskTimeoutMs(1_000));
        story.submitAccepted(task("waits").subtasks(1).subtaskTimeoutMs(1_000).maxAttempts(1));
        ann.takeLease("hangs", 0, 1);
        ann.takeLease("waits", 0, 1);
        story.pass(2_000);
        assertEquals(1, story.snapshot("hangs").retries());
        assertEquals(0, story.snapshot("waits").retries());
    }

    @Test
    void aLeaseThatExpiresBehindOneWithoutTimeoutGoesToAnotherWorker() {
        StoryWorker ann = story.worker("ann").slots(2).credit(10).joins();
        story.submitAccepted(task("long").subtasks(1));
        story.submitAccepted(task("waits").subtasks(1).subtaskTimeoutMs(1_000).maxAttempts(1));
        Assign allTheTime = ann.takeLease("long", 0, 1);
        ann.takeLease("waits", 0, 1);
        for (int i = 0; i < 10; i++) {
            story.pass(1_000);
            ann.beats();
        }
        ann.hasNothing();
        assertEquals(1, story.ledger("waits").pending());
        assertEquals(0, story.snapshot("waits").retries());
        ann.answers(allTheTime);
        ann.answers(ann.takeLease("waits", 0, 1));
        story.completes("long");
        story.completes("waits");
        story.isOver();
    }

    @Test
    void aStillWorkerWhoseTaskIsCancelledGetsSomethingElse() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("hangs").subtasks(1).subtaskTimeoutMs(1_000));
        ann.takeLease("hangs", 0, 1);
        story.pass(2_000);
        story.submitAccepted(task("next").subtasks(1));
        ann.hasNothing();
        story.cancel("hangs");
        story.isCancelled("hangs");
        ann.answers(ann.takeLease("next", 0, 1));
        story.completes("next");
        story.isOver();
    }

    @Test
    void aStillWorkerThatDeclinesToDeriveGetsALeaseWithPayloads() {
        StoryWorker ann = story.worker("ann").derives("numbers").joins();
        story.submitAccepted(task("hangs").subtasks(1).derivable().subtaskTimeoutMs(1_000));
        ann.takeLease("hangs", 0, 1);
        story.pass(2_000);
        ann.declines("hangs");
        story.pass(200); // the backoff
        ann.answers(ann.takeLease("hangs", 0, 1));
        story.completes("hangs");
        story.isOver();
    }

    @Test
    void aStillWorkerThatAnswersAForgottenLeaseGetsSomethingElse() {
        SchedulerStory forgetful =
                new SchedulerStory(LimitsOf.with(LimitsOf.noTailRules(), draft -> draft.expiredLeases = 1));
        StoryWorker ann = forgetful.worker("ann").slots(2).credit(10).joins();
        forgetful.submitAccepted(task("hangs").subtasks(1).subtaskTimeoutMs(1_000));
        forgetful.submitAccepted(task("waits").subtasks(1).subtaskTimeoutMs(1_000));
        Assign hung = ann.takeLease("hangs", 0, 1);
        ann.takeLease("waits", 0, 1);
        forgetful.pass(2_000);
        ann.hasNothing();
        ann.answers(hung);
        ann.isRefused(Refusal.Kind.UNKNOWN_LEASE);
        ann.takeLease("waits", 0, 1);
    }

    @Test
    void payloadsThatTakeLongAreNotTheWorkersFault() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("slow").subtasks(1).subtaskTimeoutMs(1_000).maxAttempts(1));
        story.pass(10_000);
        story.releaseHeld();
        Assign lease = ann.takeLease();
        story.pass(1_999);
        ann.answers(lease);
        story.completes("slow");
        story.isOver();
    }

    @Test
    void payloadsForALeaseThatIsGoneAreNotSent() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        ann.leaves();
        StoryWorker bob = story.worker("bob").joins();
        bob.hasNothing();
        story.releaseHeld();
        bob.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void payloadsForATaskThatIsGoneAreNotSent() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        story.cancel("squares");
        story.isCancelled("squares");
        ann.isToldToCancel("squares");
        story.releaseHeld();
        story.isOver();
    }
}
