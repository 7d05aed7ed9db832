package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.Ledger;
import io.divvy.testing.LimitsOf;
import org.junit.jupiter.api.Test;

/** A search ends when it has found something. */
class EarlyEndTest {
    private final SchedulerStory story = new SchedulerStory(LimitsOf.noTailRules());
    private final StoryWorker ann = story.worker("ann").joins();
    private final StoryWorker bob = story.worker("bob").joins();

    @Test
    void anyEndsWithTheFirstResultThatComes() {
        story.submitAccepted(task("search").subtasks(1_000_000).needsAny());
        Assign anns = ann.takeLease();
        Assign bobs = bob.takeLease();
        ann.answersNullsBut(anns, anns.from(), anns.to(), -1);
        bob.answersNullsBut(bobs, bobs.from(), bobs.to(), bobs.from());
        Ledger last = story.completesEarly("search").ledger();
        assertEquals(ledger("2 done, 999998 cancelled"), last);
        ann.takeLease();
        ann.isToldToCancel("search");
        story.isOver();
    }

    @Test
    void resultsThatComeWhileTheAnswerIsMadeChangeNothing() {
        StoryWorker eve = story.worker("eve").joins();
        story.submitAccepted(task("search").subtasks(3).maxAttempts(1).needsAny());
        Assign anns = ann.takeLease();
        Assign bobs = bob.takeLease();
        Assign eves = eve.takeLease();
        story.holdFinishes();
        ann.answersNullsBut(anns, anns.from(), anns.to(), anns.from());
        bob.answersNullsBut(bobs, bobs.from(), bobs.to(), bobs.from());
        eve.failsForGood(eves, eves.from(), "too late");
        assertEquals(ledger("2 pending, 1 done"), story.ledger("search"));
        story.releaseHeld();
        Ledger last = story.completesEarly("search").ledger();
        assertEquals(ledger("1 done, 2 cancelled"), last);
        story.isOver();
    }

    @Test
    void firstWaitsForLowerIndexesAndForNothingElse() {
        story.submitAccepted(task("search").subtasks(1_000_000).needsTheFirst());
        Assign low = ann.takeLease("search", 0, 1);
        Assign high = bob.takeLease("search", 1, 2);
        bob.answersNullsBut(high, 1, 2, 1);
        bob.hasNothing();
        assertEquals(ledger("999998 pending, 1 leased, 1 done"), story.ledger("search"));
        ann.answersNullsBut(low, 0, 1, -1);
        assertEquals(
                ledger("2 done, 999998 cancelled"),
                story.completesEarly("search").ledger());
        story.isOver();
    }

    @Test
    void aResultOfALowerIndexTakesThePlaceOfTheFirstOne() {
        story.submitAccepted(task("search").subtasks(1_000_000).needsTheFirst());
        Assign low = ann.takeLease("search", 0, 1);
        Assign high = bob.takeLease("search", 1, 2);
        bob.answersNullsBut(high, 1, 2, 1);
        ann.answersNullsBut(low, 0, 1, 0);
        story.completesEarly("search");
        story.isOver();
    }

    @Test
    void indexesAboveTheFirstResultAreRevoked() {
        StoryWorker eve = story.worker("eve").slots(2).credit(10).joins();
        story.submitAccepted(task("search").subtasks(100).needsTheFirst());
        Assign low = ann.takeLease("search", 0, 1);
        Assign middle = bob.takeLease("search", 1, 2);
        Assign above = eve.takeLease();
        bob.answersNullsBut(middle, 1, 2, 1);
        Effect.Revoke revoke = null;
        for (Effect message = eve.poll(); message != null; message = eve.poll()) {
            revoke = message instanceof Effect.Revoke asked && asked.lease() == above.lease() ? asked : revoke;
        }
        assertEquals(above.from(), revoke.from());
        eve.releases(revoke, above.to());
        ann.answersNullsBut(low, 0, 1, -1);
        story.completesEarly("search");
        eve.isToldToCancel("search");
    }

    @Test
    void aFailureAboveTheFirstResultDoesNotMatter() {
        story.submitAccepted(task("search").subtasks(3).needsTheFirst().maxAttempts(1));
        Assign low = ann.takeLease("search", 0, 1);
        Assign middle = bob.takeLease("search", 1, 2);
        StoryWorker eve = story.worker("eve").joins();
        Assign above = eve.takeLease("search", 2, 3);
        bob.answersNullsBut(middle, 1, 2, 1);
        eve.isAskedToGiveBack();
        eve.fails(above, 2);
        ann.answersNullsBut(low, 0, 1, -1);
        story.completesEarly("search");
    }

    @Test
    void aSearchThatFindsNothingRunsToItsEnd() {
        story.submitAccepted(task("search").subtasks(2).needsTheFirst());
        Assign low = ann.takeLease("search", 0, 1);
        Assign high = bob.takeLease("search", 1, 2);
        bob.answersNullsBut(high, 1, 2, -1);
        ann.answersNullsBut(low, 0, 1, -1);
        assertEquals(ledger("2 done"), story.completesEarly("search").ledger());
        story.isOver();
    }
}
