package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a worker holds and does not start in time is taken back, whatever it did before. */
class HoldWatchTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void unstartedIndexesAreRevokedAfterTwoSecondsThoughNobodyIsIdle() {
        StoryWorker ann = story.worker("ann").credit(10).joins();
        story.submitAccepted(task("heavy").subtasks(10));
        Assign first = ann.takeLease("heavy", 0, 2);
        story.pass(1_999);
        ann.hasNothing();
        story.pass(1);
        Effect.Revoke revoke = ann.isAskedToGiveBack();
        assertEquals(1, revoke.from(), "what it runs is left to it");
        ann.releases(revoke, 1);
        assertEquals(ledger("9 pending, 1 leased"), story.ledger("heavy"));

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
    void aRevokeForHigherPriorityIsNotSentAgain() {
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
    void leasesBehindALongSubtaskAreRevokedToo() {
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
}
