package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** After a restart a task goes on from what was saved of it. */
class RestoreTest {
    private static final long SAVE_DELAY_MS = Limits.DEFAULT.saveDelayMs();
    private static final long REST_MS = Limits.DEFAULT.holdOffMs();

    private final SchedulerStory before = story();

    private static SchedulerStory story() {
        return new SchedulerStory(LimitsOf.noTailRules(), true, 42);
    }

    @Test
    void onlyUnsavedIndexesAreLeasedAgain() {
        StoryWorker ann = before.worker("ann").slots(5).joins();
        before.submitAccepted(task("text").subtasks(10));
        Assign lease = ann.takeLease();
        ann.answers(lease, 0, 1);
        ann.answers(lease, 2, 3); // Early.
        before.pass(SAVE_DELAY_MS);
        ann.answers(lease, 1, 2); // Not saved any more.

        SchedulerStory after = before.restart();
        assertEquals(ledger("8 pending, 2 done"), after.ledger("text"));
        StoryWorker bob = after.worker("bob").credit(10).joins();
        after.pass(REST_MS);
        bob.answers(bob.takeLease("text", 1, 2));
        bob.answersAll();
        after.completes("text");
        after.isOver();
    }

    @Test
    void aRestoredTaskWaitsForWorkersThatComeBack() {
        StoryWorker ann = before.worker("ann").joins();
        before.submitAccepted(task("text").subtasks(2));
        ann.takeLease();
        SchedulerStory after = before.restart();
        StoryWorker bob = after.worker("bob").joins();
        bob.hasNothing();
        assertEquals(List.of(new Explanation.AwaitingReturn(after.nowMs() + REST_MS)), after.explain("text"));
        StoryWorker annAgain = after.worker("ann").acks().joins();
        annAgain.offers("text", 0, 1);
        after.pass(REST_MS);
        annAgain.isAcked("text", 0, 1);
        bob.takeLease("text", 1, 2);
    }

    /** Many tasks, or large ones, take long to be restored; meanwhile nobody can come back. */
    @Test
    void theHoldOffBeginsWithTheFirstTick() {
        StoryWorker ann = before.worker("ann").joins();
        before.submitAccepted(task("text").subtasks(2));
        ann.takeLease();
        SchedulerStory after = before.restart(10 * REST_MS);
        StoryWorker bob = after.worker("bob").joins();
        bob.hasNothing();
        after.pass(REST_MS);
        bob.takeLease("text", 0, 1);
    }

    @Test
    void aTaskOfWhichAllWasSavedButItsEndCompletesAfterARestart() {
        StoryWorker ann = before.worker("ann").credit(10).joins();
        before.submitAccepted(task("text").subtasks(3).keepsResults());
        before.holdFinishes();
        Assign lease = ann.takeLease();
        ann.answers(lease, lease.from(), lease.to());
        before.pass(SAVE_DELAY_MS);
        while (ann.hasLease()) {
            ann.answers(ann.takeLease());
            before.pass(SAVE_DELAY_MS);
        }
        SchedulerStory after = before.restart();
        StoryWorker bob = after.worker("bob").credit(10).joins();
        after.pass(REST_MS);
        bob.answersAll();
        after.completes("text");
        after.isOver();
    }

    @Test
    void failedAttemptsAreKnownAfterARestart() {
        StoryWorker ann = before.worker("ann").credit(10).joins();
        before.submitAccepted(task("text").subtasks(4).maxAttempts(2).continuesOnFailure());
        Assign lease = ann.takeLease();
        ann.failsForGood(lease, 0, "no");
        ann.fails(lease, 1);
        before.pass(SAVE_DELAY_MS);

        SchedulerStory after = before.restart();
        assertEquals(ledger("3 pending, 1 failed"), after.ledger("text"));
        assertEquals(1, after.snapshot("text").retries());
        StoryWorker bob = after.worker("bob").credit(10).joins();
        after.pass(REST_MS);
        Assign again = bob.takeLease();
        bob.fails(again, 1); // The second attempt is the last one.
        assertEquals(2, after.ledger("text").failed());
        bob.answersAll();
        assertEquals(List.of(new Range(0, 2)), after.completes("text").failedRanges());
        after.isOver();
    }

    @Test
    void indexesAboveAnEarlyEndAreNotLeasedAgain() {
        StoryWorker ann = before.worker("ann").credit(10).joins();
        before.submitAccepted(task("search").subtasks(10).needsTheFirst());
        Assign lease = ann.takeLease();
        ann.answersNullsBut(lease, 1, 2, 1);
        before.pass(SAVE_DELAY_MS);
        SchedulerStory after = before.restart();
        StoryWorker bob = after.worker("bob").credit(10).joins();
        after.pass(REST_MS);
        Assign rest = bob.takeLease("search", 0, 1);
        bob.answersNullsBut(rest, 0, 1, -1);
        after.completesEarly("search");
        after.isOver();
    }

    @Test
    void aTimeoutGoesOnCountingFromTheSubmission() {
        before.submitAccepted(task("text").subtasks(4).timeoutMs(10_000));
        before.pass(6_000);
        SchedulerStory after = before.restart();
        after.pass(3_999);
        assertEquals(4, after.ledger("text").pending());
        after.pass(1);
        assertEquals(TaskFailure.Code.TIMEOUT, after.fails("text").code());
    }

    @Test
    void aKeyIsKnownAfterARestart() {
        before.submitAccepted(task("text").subtasks(4).key("key"));
        SchedulerStory after = before.restart();
        long again = after.submit(task("other").subtasks(4).key("key").fingerprint("what text computes"));
        after.isAccepted(again, "text", 4);
    }

    @Test
    void offersFarAheadCountWhileATaskIsHeldOff() {
        long subtasks = 100_000_000;
        long chunk = Limits.chunkSize(subtasks);
        before.submitAccepted(task("large").subtasks(subtasks));
        SchedulerStory after = before.restart();
        StoryWorker ann = after.worker("ann").acks().joins();
        ann.offers("large", 50 * chunk, 50 * chunk + 100);
        assertEquals(100, after.ledger("large").done());
        after.pass(REST_MS);
        ann.takeAllLeases();
        ann.offers("large", 49 * chunk, 49 * chunk + 100); // Later too, if it is not farther.
        assertEquals(200, after.ledger("large").done());
        ann.offers("large", 60 * chunk, 60 * chunk + 100);
        assertEquals(200, after.ledger("large").done());
    }
}
