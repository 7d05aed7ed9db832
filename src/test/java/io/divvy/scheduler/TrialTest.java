package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import org.junit.jupiter.api.Test;

/** A worker is kept for a suspect, but not from work of higher priority. */
class TrialTest {
    private final SchedulerStory story = new SchedulerStory();

    /** A task of low priority whose only subtask two workers died with. */
    private void poison() {
        story.submitAccepted(task("poison").subtasks(1).priority(-5));
        for (String name : new String[] {"victim one", "victim two"}) {
            StoryWorker victim = story.worker(name).joins();
            victim.takeLease("poison", 0, 1);
            victim.leaves();
        }
    }

    private void pass(long ms, StoryWorker beating) {
        long untilMs = story.nowMs() + ms;
        while (story.nowMs() < untilMs) {
            story.pass(Math.min(StoryWorker.HEARTBEAT_MS, untilMs - story.nowMs()));
            beating.beats();
        }
    }

    @Test
    void aWorkerReservedForATrialTakesHigherPriority() {
        poison();
        story.submitAccepted(task("long").subtasks(1));
        StoryWorker ann = story.worker("ann").slots(4).joins();
        Assign running = ann.takeLease("long", 0, 1);
        story.submitAccepted(task("equal").subtasks(1).priority(-5));
        ann.hasNothing();
        for (int i = 0; i < 3; i++) {
            story.submitAccepted(task("urgent" + i).subtasks(1).priority(100));
            Assign urgent = ann.takeLease("urgent" + i, 0, 1);
            ann.answers(urgent);
            story.completes("urgent" + i);
            ann.hasNothing();
        }
        ann.answers(running);
        story.completes("long");
        ann.answers(ann.takeLease("poison", 0, 1));
        story.completes("poison");
        ann.answersAll();
        story.completes("equal");
        story.isOver();
    }

    @Test
    void aFreedSlotOfAReservedWorkerTakesHigherPriority() {
        poison();
        story.submitAccepted(task("long").subtasks(2));
        StoryWorker ann = story.worker("ann").slots(3).joins();
        ann.takeLease("long", 0, 1);
        Assign second = ann.takeLease("long", 1, 2);
        story.submitAccepted(task("urgent").subtasks(2).priority(100));
        ann.takeLease("urgent", 0, 1);
        ann.hasNothing();
        ann.answers(second);
        ann.takeLease("urgent", 1, 2);
    }

    @Test
    void idleSlotsBesideATrialTakeHigherPriority() {
        poison();
        StoryWorker ann = story.worker("ann").slots(4).credit(100).joins();
        ann.takeLease("poison", 0, 1);
        story.submitAccepted(task("equal").subtasks(1).priority(-5));
        ann.hasNothing();
        story.submitAccepted(task("urgent").subtasks(100).priority(100));
        assertEquals(
                3,
                ann.takeAllLeases().stream()
                        .mapToLong(lease -> lease.to() - lease.from())
                        .sum(),
                "nothing waits behind a trial");
    }

    /** What dies in company does not die alone; but it does not take company down with it again and again. */
    @Test
    void aDeathBesideHigherPriorityIsNotAloneAndTheNextTrialIs() {
        poison();
        StoryWorker ann = story.worker("ann").slots(4).joins();
        ann.takeLease("poison", 0, 1);
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        ann.takeLease("urgent", 0, 1);
        ann.leaves();
        assertEquals(ledger("1 pending"), story.ledger("poison"));

        StoryWorker bob = story.worker("bob").slots(4).joins();
        bob.answers(bob.takeLease("urgent", 0, 1));
        story.completes("urgent");
        bob.takeLease("poison", 0, 1);
        story.submitAccepted(task("more").subtasks(1).priority(100));
        bob.hasNothing();
        bob.leaves();
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("poison").code());
    }

    /** Only what ran at that moment can be to blame. */
    @Test
    void aDeathAfterTheWorkBesideTheTrialHasEndedIsALoneOne() {
        poison();
        StoryWorker ann = story.worker("ann").slots(4).joins();
        ann.takeLease("poison", 0, 1);
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        ann.answers(ann.takeLease("urgent", 0, 1));
        story.completes("urgent");
        ann.leaves();
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("poison").code());
    }

    @Test
    void aTaskThatWaitedForAnHourComesInBesideATrial() {
        poison();
        StoryWorker ann = story.worker("ann").slots(4).joins();
        ann.takeLease("poison", 0, 1);
        story.submitAccepted(task("low").subtasks(1).priority(-10));
        pass(Limits.DEFAULT.longestStarvationMs() - 1_000, ann);
        ann.hasNothing();
        pass(2_000, ann);
        ann.takeLease("low", 0, 1);
    }
}
