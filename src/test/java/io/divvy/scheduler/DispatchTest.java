package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import org.junit.jupiter.api.Test;

/** How work finds a worker. */
class DispatchTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aTaskIsSharedOutAndPutTogetherAgain() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(10));

        ann.answersAll();

        TaskSnapshot last = story.completes("squares");
        assertEquals(0, last.retries());
        assertEquals(0, last.duplicates());
        story.isOver();
    }

    @Test
    void aWorkerMayComeBeforeTheWorkOrAfterIt() {
        story.submitAccepted(task("early").subtasks(2));
        StoryWorker ann = story.worker("ann").joins();
        ann.answersAll();
        story.completes("early");

        story.submitAccepted(task("late").subtasks(2));
        ann.answersAll();
        story.completes("late");
        story.isOver();
    }

    @Test
    void aTaskIsQueuedUntilItsFirstLeaseIsCut() {
        story.submitAccepted(task("squares").subtasks(1));
        assertEquals(State.QUEUED, story.snapshot("squares").state());
        assertEquals(ledger("1 pending"), story.ledger("squares"));

        story.pass(70);
        StoryWorker ann = story.worker("ann").joins();
        TaskSnapshot running = story.snapshot("squares");
        assertEquals(State.RUNNING, running.state());
        assertEquals(running.submittedMs() + 70, running.startedMs());
        assertEquals(ledger("1 leased"), running.ledger());

        story.pass(30);
        ann.answersAll();
        TaskSnapshot last = story.completes("squares");
        assertEquals(last.submittedMs() + 100, last.finishedMs());
    }

    @Test
    void theLowestIndexesGoOutFirst() {
        StoryWorker ann = story.worker("ann").slots(3).joins();
        story.submitAccepted(task("squares").subtasks(40));
        long next = 0;
        while (ann.hasLease()) {
            Assign lease = ann.takeLease();
            assertEquals(next, lease.from());
            next = lease.to();
            ann.answers(lease);
        }
        story.completes("squares");
    }

    @Test
    void aSmallTaskIsSharedBetweenIdleWorkers() {
        StoryWorker ann = story.worker("ann").slots(4).joins();
        StoryWorker bob = story.worker("bob").slots(4).joins();

        story.submitAccepted(task("small").subtasks(4));

        Assign anns = ann.takeLease("small", 0, 1);
        Assign bobs = bob.takeLease("small", 1, 2);
        Assign annsNext = ann.takeLease("small", 2, 3);
        Assign bobsNext = bob.takeLease("small", 3, 4);
        ann.answers(anns);
        ann.answers(annsNext);
        bob.answers(bobs);
        bob.answers(bobsNext);
        story.completes("small");
        story.isOver();
    }

    @Test
    void aSmallTaskOfDerivedPayloadsIsSharedBetweenIdleWorkers() {
        StoryWorker ann = story.worker("ann").slots(4).derives("numbers").joins();
        StoryWorker bob = story.worker("bob").slots(4).derives("numbers").joins();

        story.submitAccepted(task("small").subtasks(4).derivable());

        ann.takeLease("small", 0, 1);
        bob.takeLease("small", 1, 2);
        ann.takeLease("small", 2, 3);
        bob.takeLease("small", 3, 4);
    }

    @Test
    void aWorkerGetsOnlyTypesThatItTakes() {
        StoryWorker primes = story.worker("primes").takesOnly("prime_count").joins();
        StoryWorker words =
                story.worker("words").takesOnly("word_count", "mandelbrot").joins();

        story.submitAccepted(task("books").type("word_count").subtasks(1));
        primes.hasNothing();
        words.answersAll();
        story.completes("books");

        story.submitAccepted(task("waits").type("monte_carlo_pi").subtasks(1));
        primes.hasNothing();
        words.hasNothing();
        StoryWorker any = story.worker("any").joins();
        any.answersAll();
        story.completes("waits");
        story.isOver();
    }

    @Test
    void aWorkerOfSeveralTypesTakesTheMoreUrgentTask() {
        story.submitAccepted(task("books").type("word_count").subtasks(1));
        story.submitAccepted(task("picture").type("mandelbrot").subtasks(1).priority(1));
        StoryWorker ann = story.worker("ann")
                .takesOnly("word_count", "mandelbrot")
                .credit(1)
                .joins();
        Assign first = ann.takeLease("picture", 0, 1);
        ann.hasNothing();
        ann.answers(first);
        story.completes("picture");
        ann.answersAll();
        story.completes("books");
    }

    @Test
    void payloadsAreMadeOneLeaseAtATime() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").slots(4).joins();
        StoryWorker bob = story.worker("bob").slots(4).joins();
        story.submitAccepted(task("squares").subtasks(100));
        ann.hasNothing();
        bob.hasNothing();

        story.releaseOne();
        ann.takeLease("squares", 0, 4);
        bob.hasNothing();
        story.releaseOne();
        bob.takeLease("squares", 4, 8);
    }

    @Test
    void workOfOtherTasksGoesOnWhilePayloadsAreMade() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").derives("quick").joins();
        story.submitAccepted(task("slow").subtasks(100));
        story.submitAccepted(task("quick").type("quick").derivable().subtasks(1));
        // One slot, and it is promised to the slow task; the next worker takes the other one.
        ann.hasNothing();
        StoryWorker bob = story.worker("bob").derives("quick").joins();
        bob.answersAll();
        story.completes("quick");
    }

    @Test
    void aLeaseEndsWhereNoMorePayloadsFitIntoTheMessageAndTheRestGoesOutNext() {
        story.payloadsPerMessage(3);
        StoryWorker ann = story.worker("ann").slots(4).credit(8).joins();
        story.submitAccepted(task("bulky").subtasks(20));

        ann.takeLease("bulky", 0, 3);
        // It has four slots: a second message comes at once, so that none is idle.
        ann.takeLease("bulky", 3, 6);
        ann.hasNothing();
        assertEquals(ledger("14 pending, 6 leased"), story.ledger("bulky"));
    }

    @Test
    void noSlotIsIdleWhenOnlyOnePayloadFitsIntoAMessage() {
        story.payloadsPerMessage(1);
        StoryWorker ann = story.worker("ann").slots(3).joins();
        story.submitAccepted(task("bulky").subtasks(7));
        ann.takeLease("bulky", 0, 1);
        ann.takeLease("bulky", 1, 2);
        Assign third = ann.takeLease("bulky", 2, 3);
        ann.answers(third);
        ann.takeLease("bulky", 3, 4);
    }

    @Test
    void aWorkerThatDerivesGetsNoPayloads() {
        StoryWorker ann = story.worker("ann").derives("numbers").joins();
        story.submitAccepted(task("squares").derivable().subtasks(3));
        Assign lease = ann.takeLease();
        assertEquals(null, lease.payloads());
        ann.answers(lease);
        ann.answersAll();
        story.completes("squares");
    }

    @Test
    void aTaskOfListedPayloadsIsNotDerived() {
        StoryWorker ann = story.worker("ann").derives("numbers").joins();
        story.submitAccepted(task("listed").subtasks(1));
        Assign lease = ann.takeLease();
        assertEquals(new IndexPayloads(0, 1), lease.payloads());
        ann.answers(lease);
        story.completes("listed");
    }

    @Test
    void aWorkerThatDeclinesItsOwnSplitGetsTheSameWorkWithPayloads() {
        StoryWorker ann = story.worker("ann").slots(4).derives("numbers").joins();
        story.submitAccepted(task("squares").derivable().subtasks(20));
        Assign derived = ann.takeLease("squares", 0, 4);
        assertEquals(null, derived.payloads());

        ann.declines("squares");

        Assign again = ann.takeLease("squares", 0, 4);
        assertEquals(new IndexPayloads(0, 4), again.payloads());
        // What it made of its own split before is not what this task is about.
        ann.answers(derived, 0, 1);
        ann.isRefused(Refusal.Kind.UNKNOWN_LEASE);
        ann.answers(again);
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aWorkerIsToldToForgetATaskThatEnded() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").takesOnly("other").joins();
        story.submitAccepted(task("squares").subtasks(1));
        assertTrue(ann.knows("squares"));
        assertFalse(bob.knows("squares"));
        ann.answersAll();
        story.completes("squares");
        assertFalse(ann.knows("squares"));
        story.isOver();
    }

    @Test
    void aWorkerThatDrainsFinishesWhatItHasAndGetsNothingNew() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(50));
        Assign lease = ann.takeLease();
        ann.drains();
        ann.answers(lease);
        ann.hasNothing();

        StoryWorker bob = story.worker("bob").joins();
        bob.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anIdleWorkerThatDrainsGetsNoLease() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob").joins();
        ann.drains();
        story.submitAccepted(task("squares").subtasks(2));
        bob.answersAll();
        story.completes("squares");
        ann.hasNothing();
    }

    @Test
    void leasesGrowWithTheMeasuredSpeedUntilTheyKeepAWorkerBusyForASecond() {
        StoryWorker ann = story.worker("ann").credit(1_000_000).joins();
        story.submitAccepted(task("squares").subtasks(1_000_000));
        Assign lease = ann.takeLease("squares", 0, 2);
        story.pass(20); // two subtasks in 20 ms are 100 a second
        ann.answers(lease);
        long from = 2;
        for (long to : new long[] {6, 18, 54}) { // as much as twice what it has answered
            Assign next = ann.takeLease("squares", from, to);
            story.pass(10 * (to - from));
            ann.answers(next);
            from = to;
        }
        Assign second = ann.takeLease("squares", 54, 154);
        story.pass(500); // 100 in half a second are 200; the mean of both is 150
        ann.answers(second);
        ann.takeLease("squares", 154, 304);
    }

    @Test
    void aLeaseNeverCrossesTheEndOfAChunk() {
        StoryWorker ann = story.worker("ann").slots(1_000).credit(10_000).joins();
        story.submitAccepted(task("squares").subtasks(10_000));
        ann.answers(ann.takeLease("squares", 0, 1_024));
        ann.takeLease("squares", 1_024, 2_048);
    }

    @Test
    void aLeaseNeverHoldsMoreThanAWorkersCredit() {
        StoryWorker ann = story.worker("ann").slots(4).credit(3).joins();
        story.submitAccepted(task("squares").subtasks(100));
        ann.takeLease("squares", 0, 3);
        ann.hasNothing();
    }

    @Test
    void aSecondWorkerUnderTheSameNumberIsAMistakeOfTheServer() {
        StoryWorker ann = story.worker("ann").joins();
        IllegalArgumentException mistake = assertThrows(IllegalArgumentException.class, ann::joins);
        assertEquals("worker session 1 joined twice", mistake.getMessage());
    }

    @Test
    void taskOfKnowsALeaseForItsOwnWorkerOnly() {
        StoryWorker ann = story.worker("ann").joins();
        StoryWorker bob = story.worker("bob");
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = ann.takeLease();
        long number = lease.lease();
        assertEquals(new TaskId("squares"), story.core().taskOf(ann.id, number, 0, 1));
        assertEquals(null, story.core().taskOf(ann.id, number, 0, 2));
        assertEquals(null, story.core().taskOf(ann.id, number + 1, 0, 1));
        assertEquals(null, story.core().taskOf(bob.id, number, 0, 1));
        assertEquals(1, story.core().connectedWorkers());
        story.cancel("squares");
        assertEquals(new TaskId("squares"), story.core().taskOf(ann.id, number, 0, 1));
        assertEquals(null, story.core().taskOf(ann.id, number, 1, 1));
    }

    @Test
    void theMemoryOfAWorkerDoesNotGrowWithTheTypesThatItEverGot() {
        story.checkEvery(1_000_000);
        StoryWorker ann = story.worker("ann").joins();
        for (int i = 0; i < 2 * Limits.REMEMBERED; i++) {
            story.submitAccepted(task("task" + i).type("type" + i).subtasks(1));
            ann.answersAll();
            story.completes("task" + i);
        }
        assertEquals(Limits.REMEMBERED, CoreInspection.rememberedPaces(story.core(), ann.id));
        story.isOver();
    }
}
