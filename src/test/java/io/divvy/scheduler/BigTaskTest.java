package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.Ledger;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A task is a range, not a list: its size costs neither time nor memory. */
class BigTaskTest {
    private static final long BILLION = 1_000_000_000;

    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aBillionSubtasksAreAcceptedAndDispatchedAtOnce() {
        StoryWorker ann = story.worker("ann").slots(4).credit(8).joins();
        assertTimeout(
                Duration.ofSeconds(2), () -> story.submitAccepted(task("huge").subtasks(BILLION)));
        Assign first = ann.takeLease("huge", 0, 8);
        assertEquals(ledger((BILLION - 8) + " pending, 8 leased"), story.ledger("huge"));
        ann.answers(first);
        assertEquals(8, story.ledger("huge").done());
    }

    @Test
    void theLargestTaskThereCanBeCountsRight() {
        long most = Limits.DEFAULT.subtasksPerTask();
        StoryWorker ann = story.worker("ann").slots(1_000).credit(1_000_000).joins();
        story.submitAccepted(task("largest").subtasks(most));
        long answered = 0;
        for (int i = 0; i < 100; i++) {
            Assign lease = ann.takeLease();
            answered += lease.to() - lease.from();
            ann.answers(lease);
        }
        Ledger ledger = story.ledger("largest");
        assertEquals(answered, ledger.done());
        assertEquals(most - ledger.leased() - answered, ledger.pending());
        story.cancel("largest");
        assertEquals(most - answered, story.isCancelled("largest").ledger().cancelled());
    }

    @Test
    void aBillionSubtasksAreWorkedOffInWideLeases() {
        StoryWorker ann = story.worker("ann").slots(50_000).credit(100_000).joins();
        StoryWorker bob = story.worker("bob").slots(50_000).credit(100_000).joins();
        story.submitAccepted(task("huge").subtasks(BILLION));
        while (ann.hasLease() || bob.hasLease()) {
            if (bob.hasLease()) {
                bob.answers(bob.takeLease());
            }
            if (ann.hasLease()) {
                ann.answers(ann.takeLease());
            }
        }
        story.completes("huge");
        story.isOver();
    }

    @Test
    void finishedChunksLeaveNothingBehind() {
        StoryWorker ann = story.worker("ann").slots(1_000).credit(100_000).joins();
        story.submitAccepted(task("huge").subtasks(BILLION));
        for (int i = 0; i < 3_000; i++) {
            ann.answers(ann.takeLease());
        }
        // Chunks of 100,000, and so much one worker may hold: only what it holds and works on is open.
        assertTrue(story.ledger("huge").done() > 1_000_000);
        assertTrue(CoreInspection.openChunks(story.core(), new TaskId("huge")) <= 2);
    }

    @Test
    void chunksAreAFunctionOfTheNumberOfSubtasksAlone() {
        assertEquals(1_024, Limits.chunkSize(1));
        assertEquals(1_024, Limits.chunkSize(10_240_000));
        assertEquals(1_025, Limits.chunkSize(10_240_001));
        assertEquals(100_000, Limits.chunkSize(BILLION));
        assertEquals(100_001, Limits.chunkSize(BILLION + 1));
    }

    @Test
    void aTaskInWhichMoreThanAHundredThousandSubtasksFailAtOnceIsBroken() {
        story.checkEvery(5_000); // each check looks at all that wait
        StoryWorker ann = story.worker("ann").slots(60_000).joins();
        StoryWorker bob = story.worker("bob").slots(60_000).joins();
        story.submitAccepted(task("broken").subtasks(BILLION));
        for (StoryWorker worker : List.of(ann, bob)) {
            Deque<Assign> held = new ArrayDeque<>();
            while (worker.hasLease()) {
                held.add(worker.takeLease());
            }
            while (!held.isEmpty() && story.core().openTasks() > 0) {
                Assign lease = held.remove();
                for (long index = lease.from();
                        index < lease.to() && story.core().openTasks() > 0;
                        index++) {
                    worker.fails(lease, index, "no disk");
                    if (worker == bob && worker.hasLease()) {
                        held.add(worker.takeLease());
                    }
                }
                while (worker == ann && worker.hasLease()) {
                    worker.takeLease(); // left to lie
                }
            }
        }
        TaskFailure failure = story.fails("broken");
        assertEquals(TaskFailure.Code.LIMIT_EXCEEDED, failure.code());
        assertEquals("more than 100000 failed subtasks wait for a retry; the last one: no disk", failure.message());
    }

    @Test
    void aTaskThatContinuesRemembersItsFailuresAsRanges() {
        story.checkEvery(1_000);
        StoryWorker ann = story.worker("ann").slots(5_000).joins();
        long total = 60_000;
        story.submitAccepted(task("halves")
                .subtasks(total)
                .maxAttempts(1)
                .continuesOnFailure()
                .foldedInAnyOrder());
        while (ann.hasLease()) {
            Assign lease = ann.takeLease();
            long middle = Math.max(lease.from(), Math.min(lease.to(), total / 2));
            for (long index = lease.from(); index < middle; index++) {
                ann.fails(lease, index);
            }
            if (middle < lease.to()) {
                ann.answers(lease, middle, lease.to());
            }
        }
        assertEquals(List.of(new Range(0, total / 2)), story.completes("halves").failedRanges());
        story.isOver();
    }

    @Test
    void failuresAllOverABigTaskAreRetriedAndItCompletes() {
        story.checkEvery(1_000);
        Set<Long> failedOnce = new HashSet<>();
        StoryWorker ann = story.worker("ann").slots(5_000).joins();
        story.submitAccepted(task("shaky").subtasks(100_000).foldedInAnyOrder());
        while (story.core().openTasks() > 0) {
            if (!ann.hasLease()) {
                story.pass(100);
                ann.beats();
                continue;
            }
            Assign lease = ann.takeLease();
            long answeredTo = lease.from();
            for (long index = lease.from(); index < lease.to(); index++) {
                if (index % 10 == 7 && failedOnce.add(index)) {
                    ann.fails(lease, index);
                    if (answeredTo < index) {
                        ann.answers(lease, answeredTo, index);
                    }
                    answeredTo = index + 1;
                }
            }
            if (answeredTo < lease.to()) {
                ann.answers(lease, answeredTo, lease.to());
            }
        }
        assertEquals(10_000, story.completes("shaky").retries());
        story.isOver();
    }
}
