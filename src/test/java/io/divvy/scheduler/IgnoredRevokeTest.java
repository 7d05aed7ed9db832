package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A worker that does not answer a revoke keeps nothing for itself, and gets little from then on. */
class IgnoredRevokeTest {
    private static final int MILLION = 1_000_000;

    private final SchedulerStory story = new SchedulerStory();

    /** What a revoke for higher priority asked for and nobody released goes elsewhere, as if time had asked for it. */
    @Test
    void anIgnoredRevokeForHigherPriorityLeavesTheRestToOthers() {
        StoryWorker ann = story.worker("ann").slots(2).credit(10).joins();
        story.submitAccepted(task("low").subtasks(4).priority(-1));
        List<Assign> held = ann.takeAllLeases();
        story.submitAccepted(task("high").subtasks(1));
        pass(Limits.PREEMPTION_WAIT_MS + 50 + 4_000, ann);
        assertEquals(ledger("2 pending, 2 leased"), story.ledger("low"));
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
    void indexesThatAreNotReleasedAreLeasedElsewhereTooAndTheFirstAnswerCounts() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(4));
        Assign anns = ann.takeLease("heavy", 0, 2);
        story.pass(2_000);
        ann.isAskedToGiveBack();
        story.pass(1_999);
        assertEquals(ledger("2 pending, 2 leased"), story.ledger("heavy"));
        story.pass(1);
        assertEquals(ledger("3 pending, 1 leased"), story.ledger("heavy"), "what it can have started it keeps alone");

        StoryWorker bob = story.worker("bob").joins();
        Assign bobs = bob.takeLease("heavy", 1, 2);
        assertEquals(ledger("2 pending, 2 leased"), story.ledger("heavy"), "an index counts once");
        ann.answers(anns, 0, 1);
        ann.hasNothing();
        ann.answers(anns, 1, 2);
        assertEquals(ledger("1 pending, 1 leased, 2 done"), story.ledger("heavy"));
        bob.answers(bobs);
        Assign next = ann.takeLease("heavy", 2, 3);
        ann.hasNothing();
        bob.answers(bob.takeLease("heavy", 3, 4));
        ann.answers(next);
        assertEquals(1, story.completes("heavy").duplicates());
        story.isOver();
    }

    @Test
    void aWorkerThatIgnoresARevokeGetsOneSubtaskASlotFromThenOn() {
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
    void aWorkerThatReleasesLateIsTrustedAgain() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(4));
        Assign first = ann.takeLease("heavy", 0, 2);
        story.pass(2_000);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        story.pass(3_000);
        ann.releases(revoke, 1);
        assertEquals(ledger("3 pending, 1 leased"), story.ledger("heavy"));
        ann.answers(first, 0, 1);
        ann.answersAll();
        story.completes("heavy");
        story.submitAccepted(task("more").subtasks(1_000));
        ann.takeLease("more", 0, 2);
    }

    /** A slow helper has use for a part of a lease only. The rest is not asked for, as that lease is asked for already. */
    @Test
    void allUnstartedLeasesOfAWorkerThatIgnoresARevokeAreLeasedElsewhere() {
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
    void theDeathOfAWorkerThatIgnoresARevokeLosesNothing() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(4));
        ann.takeLease("heavy", 0, 2);
        story.pass(4_000);
        StoryWorker bob = story.worker("bob").joins();
        Assign bobs = bob.takeLease("heavy", 1, 2);
        ann.leaves();
        assertEquals(ledger("3 pending, 1 leased"), story.ledger("heavy"));
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
