package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.testing.LimitsOf;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker that lies gets a clear answer, and neither the ledger nor the answer of the task suffers. */
class LyingWorkerTest {
    /** Nobody is helped with what it holds: that is another story. */
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());

    private final StoryWorker liar = story.worker("liar").slots(4).joins();
    private final StoryWorker honest = story.worker("honest").slots(4).joins();
    private Assign lease;

    LyingWorkerTest() {
        story.submitAccepted(task("squares").subtasks(64).subtaskTimeoutMs(60_000));
        lease = liar.takeLease("squares", 0, 4);
    }

    @AfterEach
    void theAnswerIsRightAllTheSame() {
        liar.leaves();
        honest.answersAll();
        story.pass(200); // whatever failed comes back
        honest.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aRepeatedAnswerCountsAsADuplicate() {
        liar.answers(lease, 0, 2);
        liar.answers(lease, 0, 2);
        liar.answers(lease, 1, 3);
        assertEquals(3, story.snapshot("squares").duplicates());
        assertEquals(3, story.ledger("squares").done());
    }

    @Test
    void anAnswerToAnAnsweredLeaseIsRefused() {
        liar.answers(lease);
        liar.answers(lease);
        assertEquals(
                "lease 1 is not open in this session; answer only leases that were assigned to it",
                refusal(Refusal.Kind.UNKNOWN_LEASE));
        assertEquals(4, story.ledger("squares").done());
    }

    @Test
    void moreResultsThanTheLeaseHasIndexesAreRefused() {
        liar.answers(lease, 0, 5);
        assertEquals("lease 1 holds the indexes [0, 4), got an answer for [0, 5)", refusal(Refusal.Kind.BAD_MESSAGE));
        assertEquals(0, story.ledger("squares").done());
    }

    @Test
    void resultsOutsideOfTheLeaseAreRefused() {
        liar.answers(lease, 60, 64);
        refusal(Refusal.Kind.BAD_MESSAGE);
        assertEquals(0, story.ledger("squares").done());
    }

    @Test
    void anEmptyAnswerIsRefused() {
        liar.answers(lease, 2, 2);
        refusal(Refusal.Kind.BAD_MESSAGE);
    }

    @Test
    void overflowingIndexesAreRefused() {
        liar.answers(lease, Long.MAX_VALUE, Long.MIN_VALUE);
        refusal(Refusal.Kind.BAD_MESSAGE);
        liar.fails(lease, Long.MAX_VALUE);
        refusal(Refusal.Kind.BAD_MESSAGE);
        liar.fails(lease, -1);
        refusal(Refusal.Kind.BAD_MESSAGE);
    }

    @Test
    void overflowingIndexesOfAnExpiredLeaseAreRefused() {
        expire();
        liar.answers(lease, Long.MAX_VALUE, Long.MIN_VALUE);
        refusal(Refusal.Kind.BAD_MESSAGE);
        liar.answers(lease, 2, 2);
        refusal(Refusal.Kind.BAD_MESSAGE);
        liar.answers(lease, 0, 5);
        assertEquals("lease 1 holds the indexes [0, 4), got an answer for [0, 5)", refusal(Refusal.Kind.BAD_MESSAGE));
    }

    @Test
    void answersToTheLeaseOfAnotherWorkerAreRefused() {
        Assign others = honest.takeLease();
        liar.answers(others);
        refusal(Refusal.Kind.UNKNOWN_LEASE);
        liar.fails(others, others.from());
        refusal(Refusal.Kind.UNKNOWN_LEASE);
        liar.beats(others, others.to());
        assertEquals(0, story.ledger("squares").done());
        honest.answers(others);
        assertEquals(others.to() - others.from(), story.ledger("squares").done());
    }

    @Test
    void anAnswerToALeaseThatWasNeverGrantedIsRefused() {
        liar.answers(4_711, 0, 1);
        refusal(Refusal.Kind.UNKNOWN_LEASE);
    }

    @Test
    void aFailureAfterItsResultIsDroppedAndAResultAfterItsFailureCounts() {
        liar.answers(lease, 0, 1);
        liar.fails(lease, 0);
        assertEquals(0, story.snapshot("squares").retries());
        liar.fails(lease, 1);
        liar.answers(lease, 1, 2); // it is done after all
        assertEquals(2, story.ledger("squares").done());
        assertEquals(0, story.snapshot("squares").duplicates());
    }

    @Test
    void aLeaseWithTooManyGapsEndsAndItsAnswersCount() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.gapsPerLease = 2));
        StoryWorker ann = small.worker("ann").slots(10).joins();
        small.submitAccepted(task("holes").subtasks(20));
        Assign wide = ann.takeLease("holes", 0, 10);
        ann.answers(wide, 3, 4); // two parts are unanswered
        ann.answers(wide, 6, 7);
        assertEquals(2, small.ledger("holes").done());
        ann.answers(wide, 0, 3); // late
        assertEquals(5, small.ledger("holes").done());
        ann.takeAllLeases().forEach(ann::answers); // what is leased anew, and the rest
        assertEquals(3, small.snapshot("holes").duplicates());
        ann.answersAll();
        small.completes("holes");
        small.isOver();
    }

    @Test
    void heartbeatsPastTheEndOfALeaseAreNoProgress() {
        honest.answersAll();
        liar.beats(lease, 1_000); // taken for progress up to the end of the lease
        for (int i = 1; i < 30; i++) {
            story.pass(4_000);
            honest.beats();
            liar.beats(lease, 1_000 + i);
        }
        assertEquals(0, story.snapshot("squares").retries());
        story.pass(4_000);
        assertEquals(1, story.snapshot("squares").retries());
    }

    @Test
    void repeatedAnswersAreNoProgress() {
        honest.answersAll();
        liar.answers(lease, 0, 3);
        for (int i = 0; i < 29; i++) {
            story.pass(4_000);
            honest.beats();
            liar.answers(lease, 0, 1);
        }
        assertEquals(0, story.snapshot("squares").retries());
        story.pass(4_000);
        assertEquals(1, story.snapshot("squares").retries());
    }

    @Test
    void anAnswerToALeaseThatWasNotSentYetIsRefused() {
        story.holdPayloads();
        SchedulerStory guess = new SchedulerStory();
        guess.holdPayloads();
        guess.payloadsPerMessage(2);
        StoryWorker ann = guess.worker("ann").slots(4).joins();
        guess.submitAccepted(task("guessed").subtasks(8));
        ann.answers(1, 0, 2);
        ann.isRefused(Refusal.Kind.UNKNOWN_LEASE);
        guess.releaseHeld();
        ann.answersAll();
        guess.completes("guessed");
        guess.isOver();
        story.releaseHeld();
    }

    @Test
    void aDeclineOfAnUnknownTaskIsIgnored() {
        liar.declines("nothing");
        liar.declines("squares");
        liar.declines("squares");
        honest.declines("nothing");
    }

    @Test
    void aWorkerWithoutHeartbeatsIsDropped() {
        for (int i = 0; i < 3; i++) {
            story.pass(5_000);
            honest.beats();
        }
        liar.isDropped("no sign of life for 15000 ms");
        liar.answers(lease);
        assertEquals(0, story.ledger("squares").done());
    }

    @Test
    void onlyTheLastExpiredLeasesAreRemembered() {
        SchedulerStory small = new SchedulerStory(LimitsOf.with(draft -> draft.expiredLeases = 1));
        StoryWorker ann = small.worker("ann").slots(2).joins();
        small.submitAccepted(task("one").subtasks(1));
        small.submitAccepted(task("two").subtasks(1));
        Assign one = ann.takeLease("one", 0, 1);
        Assign two = ann.takeLease("two", 0, 1);
        small.cancel("one");
        ann.isToldToCancel("one");
        small.cancel("two");
        ann.isToldToCancel("two");
        small.isCancelled("one");
        small.isCancelled("two");
        ann.answers(two);
        ann.answers(one);
        ann.isRefused(Refusal.Kind.UNKNOWN_LEASE);
        small.isOver();
    }

    private void expire() {
        for (int i = 0; i < 24; i++) {
            story.pass(5_000);
            liar.beats();
            story.feed(new Event.Heartbeat(honest.id, Map.of()));
        }
    }

    private String refusal(Refusal.Kind kind) {
        return liar.isRefused(kind).message();
    }
}
