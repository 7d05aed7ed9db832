package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.testing.LimitsOf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Subtasks that make workers go away: who has to die of one, and how, until it is given up. */
class PoisonTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void afterTwoDeathsASuspectIsAlone() {
        story.submitAccepted(task("squares").subtasks(16));
        for (String name : List.of("ann", "bob")) {
            StoryWorker victim = story.worker(name).slots(2).joins();
            victim.leaves();
        }
        StoryWorker cid = story.worker("cid").slots(2).credit(4).joins();
        Assign suspect = cid.takeLease("squares", 0, 1);
        cid.hasNothing(); // its death would tell which one it was
        cid.answers(suspect);
        cid.answers(cid.takeLease("squares", 1, 2));
        cid.takeLease("squares", 2, 6);
    }

    @Test
    void aBusyWorkerIsKeptFreeForASuspectAndTheOthersGoOn() {
        story.submitAccepted(task("long").subtasks(100));
        StoryWorker ann = story.worker("ann").slots(2).joins();
        StoryWorker bob = story.worker("bob").slots(2).joins();
        Assign first = ann.takeLease();
        Assign second = bob.takeLease();
        story.submitAccepted(task("squares").subtasks(1).priority(1));
        for (String name : List.of("cid", "dan")) {
            StoryWorker victim = story.worker(name).joins();
            victim.takeLease("squares", 0, 1);
            victim.leaves();
        }
        ann.answers(first, first.from(), first.from() + 1);
        ann.hasNothing(); // it runs one more, and then the suspect
        bob.answers(second, second.from(), second.from() + 1);
        assertEquals("long", bob.takeLease().task().value());
        ann.answers(first, first.from() + 1, first.to());
        ann.answers(ann.takeLease("squares", 0, 1));
        story.completes("squares");
        assertEquals("long", ann.takeLease().task().value());
    }

    @Test
    void aSubtaskThatTakesDownThreeWorkersIsPoisonAndSaysWhatTheyDiedOf() {
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker ann = story.worker("ann").joins();
        ann.takeLease("squares", 0, 1);
        ann.leaves("closed by the peer");
        StoryWorker bob = story.worker("bob").joins();
        bob.takeLease("squares", 0, 1);
        bob.leaves("reading failed: Connection reset");
        StoryWorker last = story.worker("cid").from("10.0.0.9").joins();
        last.takeLease("squares", 0, 1);
        last.leaves("no sign of life for 15000 ms");

        assertEquals(
                new TaskFailure(
                        TaskFailure.Code.SUBTASK_POISONOUS,
                        "subtask 0: it was all that workers ran when they died, 3 times: ann at 10.0.0.1 (closed by the"
                                + " peer), bob at 10.0.0.1 (reading failed: Connection reset), cid at 10.0.0.9 (no sign of"
                                + " life for 15000 ms)",
                        0L,
                        "cid",
                        3),
                story.fails("squares"));
        story.isOver();
    }

    @Test
    void threeDeathsOfTheOnlyWorkerConvict() {
        story.submitAccepted(task("squares").subtasks(1));
        dies("ann", 3);
        assertEquals(
                "subtask 0: it was all that workers ran when they died, 3 times: ann at 10.0.0.1 (3 times, the last: closed"
                        + " by the peer)",
                story.fails("squares").message());
        story.isOver();
    }

    @Test
    void theVerdictNamesTheExitCodesThatWorkersReported() {
        story.submitAccepted(task("squares").subtasks(1));
        dies("ann", 1);
        StoryWorker again = story.worker("ann").joins();
        again.saysExitCode(139);
        again.takeLease();
        again.leaves();
        dies("ann", 1);
        String message = story.fails("squares").message();
        assertTrue(message.endsWith("ann at 10.0.0.1 (3 times, the last: closed by the peer; exit code 139)"), message);
    }

    @Test
    void deathsOfOneWorkerDoNotConvictWhileThereAreOthers() {
        SchedulerStory alone = new SchedulerStory(LimitsOf.noTailRules());
        alone.submitAccepted(task("long").subtasks(1));
        StoryWorker busy = alone.worker("busy").joins();
        Assign held = busy.takeLease("long", 0, 1);
        alone.submitAccepted(task("squares").subtasks(1));
        for (int life = 0; life < 10; life++) {
            StoryWorker crasher = alone.worker("crasher").joins();
            alone.pass(1_000); // after that it gets the subtask again, though that will tell nothing
            busy.beats();
            assertTrue(crasher.hasLease());
            crasher.leaves();
        }
        assertEquals(10, alone.snapshot("squares").retries());
        busy.answers(held);
        alone.completes("long");
        busy.answers(busy.takeLease("squares", 0, 1));
        alone.completes("squares");
        alone.isOver();
    }

    @Test
    void deathsUnderOneNameOnThreeHostsConvict() {
        story.submitAccepted(task("squares").subtasks(1));
        for (String host : List.of("10.0.0.1", "10.0.0.2", "10.0.0.3")) {
            StoryWorker victim = story.worker("worker").from(host).joins();
            victim.takeLease("squares", 0, 1);
            victim.leaves();
        }
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("squares").code());
    }

    @Test
    void onlyDeathsOfProvenWorkersConvict() {
        story.submitAccepted(task("easy").subtasks(1));
        StoryWorker good = story.worker("good").credit(1).joins();
        good.answersAll();
        story.completes("easy");
        story.submitAccepted(task("long").subtasks(1).priority(1));
        Assign busy = good.takeLease("long", 0, 1);
        story.submitAccepted(task("squares").subtasks(1));
        for (int life = 0; life < 5; life++) {
            StoryWorker newcomer = story.worker("newcomer " + life).joins();
            story.pass(1_000);
            good.beats();
            newcomer.leaves();
        }
        assertEquals(1, story.ledger("squares").pending());
        good.answers(busy);
        story.completes("long");
        good.answers(good.takeLease("squares", 0, 1));
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aSuspectThatWaitedForAnHourGoesBeforeHigherPriority() {
        story.submitAccepted(task("squares").subtasks(1));
        for (int life = 0; life < 2; life++) {
            StoryWorker victim = story.worker("victim " + life).joins();
            victim.takeLease("squares", 0, 1);
            victim.leaves();
        }
        long sinceMs = story.nowMs();
        story.submitAccepted(task("endless").subtasks(1_000).priority(1));
        StoryWorker good = story.worker("good").credit(1).joins();
        Assign lease = good.takeLease();
        while (!lease.task().value().equals("squares")) {
            story.pass(1_000);
            good.beats();
            if (story.nowMs() % 60_000 == 0) {
                good.answers(lease);
                lease = good.takeLease();
            }
            assertTrue(story.nowMs() - sinceMs <= 62 * 60_000, "it starves");
        }
        assertTrue(story.nowMs() - sinceMs >= Limits.DEFAULT.longestStarvationMs(), "too soon");
        good.answers(lease);
        story.completes("squares");
    }

    @Test
    void aTrialWaitsForAWorkerThatIsAboutToProveItself() {
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker slow = story.worker("slow").joins();
        Assign first = slow.takeLease("squares", 0, 1); // it has not answered anything yet, but it well may
        for (int life = 0; life < 10; life++) {
            StoryWorker newcomer = story.worker("newcomer " + life).joins();
            story.pass(1_000);
            slow.beats();
            newcomer.leaves();
        }
        assertEquals(3, story.snapshot("squares").retries(), "three died with it; then it was kept from others");
        slow.answers(first);
        slow.answers(slow.takeLease("squares", 1, 2));
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aTrialDoesNotWaitForEverForAWorkerToProveItself() {
        SchedulerStory alone = new SchedulerStory(LimitsOf.noTailRules());
        alone.submitAccepted(task("long").subtasks(1));
        StoryWorker busy = alone.worker("busy").joins();
        busy.takeLease("long", 0, 1);
        alone.submitAccepted(task("squares").subtasks(1));
        dies(alone, "ann", 1);
        dies(alone, "bob", 1);
        dies(alone, "cid", 1);
        StoryWorker dan = alone.worker("dan").joins();
        dan.hasNothing(); // its death would not decide anything
        for (long waited = 0; waited < Limits.WITNESS_WAIT_MS; waited += 10_000) {
            alone.pass(10_000);
            busy.beats();
            dan.beats();
        }
        dan.takeLease("squares", 0, 1);
        dan.leaves();
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, alone.fails("squares").code());
    }

    @Test
    void aTrialPrefersAWorkerThatHasDoneMuch() {
        story.submitAccepted(task("easy").subtasks(200));
        StoryWorker veteran = story.worker("veteran").joins();
        for (int i = 0; i < Limits.GOOD_WORK_SUBTASKS; i++) {
            veteran.answers(veteran.takeLease());
        }
        Assign held = veteran.takeLease();
        story.submitAccepted(task("squares").subtasks(1).priority(1));
        for (int life = 0; life < 6; life++) {
            StoryWorker flaky = story.worker("flaky " + life).credit(1).joins();
            Assign lease = flaky.takeLease();
            while (!lease.task().value().equals("squares") && story.nowMs() < 20_000) {
                flaky.answers(lease);
                story.pass(100);
                veteran.beats();
                lease = flaky.takeLease();
            }
            flaky.leaves();
        }
        assertEquals(1, story.ledger("squares").pending());
        veteran.answers(held);
        while (!story.hasReply()) {
            veteran.answers(veteran.takeLease());
        }
        story.completes("squares");
    }

    @Test
    void aSuspectWaitsWhileThereIsNoWorker() {
        story.submitAccepted(task("squares").subtasks(1));
        dies("ann", 1);
        dies("bob", 1);
        story.pass(3_600_000);
        StoryWorker cid = story.worker("cid").joins();
        cid.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aDeathWithSeveralRunningSubtasksIsNoLoneOne() {
        story.submitAccepted(task("squares").subtasks(2));
        for (int life = 0; life < 2; life++) {
            StoryWorker victim = story.worker("victim " + life).slots(2).joins();
            victim.takeLease();
            victim.takeLease();
            victim.leaves();
        }
        StoryWorker third = story.worker("third").slots(2).joins();
        third.takeLease("squares", 0, 1);
        third.hasNothing();
        third.leaves(); // the first death that counts
        assertEquals(2, story.ledger("squares").pending());
    }

    @Test
    void aRestartForgetsWhichWorkersDiedAndKeepsTheSuspect() {
        SchedulerStory before = new SchedulerStory(Limits.DEFAULT, true, 1);
        before.submitAccepted(task("squares").subtasks(4));
        for (String name : List.of("ann", "bob")) {
            StoryWorker victim = before.worker(name).joins();
            victim.takeLease("squares", 0, 1);
            victim.leaves();
        }
        before.pass(1_000);
        SchedulerStory after = before.restart();
        after.pass(Limits.DEFAULT.holdOffMs());
        StoryWorker cid = after.worker("cid").slots(2).credit(2).joins();
        cid.takeLease("squares", 0, 1);
        cid.hasNothing();
        cid.leaves();
        assertEquals(4, after.ledger("squares").pending(), "the deaths before the restart do not convict it");
        dies(after, "dan", 1);
        dies(after, "eve", 1);
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, after.fails("squares").code());
    }

    /** A worker of the name gets its first subtask and dies, so often. */
    private void dies(String name, int times) {
        dies(story, name, times);
    }

    private static void dies(SchedulerStory story, String name, int times) {
        for (int life = 0; life < times; life++) {
            StoryWorker victim = story.worker(name).joins();
            victim.takeLease();
            victim.leaves();
        }
    }

    @Test
    void onlyThePoisonousSubtaskIsGivenUp() {
        long poison = 2;
        story.submitAccepted(task("squares").subtasks(20).continuesOnFailure());
        for (int life = 0; story.core().openTasks() > 0; life++) {
            StoryWorker worker = story.worker("life " + life).slots(4).joins();
            while (worker.hasLease()) {
                Assign lease = worker.takeLease();
                if (lease.from() <= poison && poison < lease.to()) {
                    worker.leaves();
                } else {
                    worker.answers(lease);
                }
            }
        }
        assertEquals(
                List.of(new Range(poison, poison + 1)),
                story.completes("squares").failedRanges());
        story.isOver();
    }

    @Test
    void aSuspectThatBehavesIsCleared() {
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(2));
        for (String name : List.of("ann", "bob")) {
            StoryWorker victim = story.worker(name).joins();
            victim.takeLease();
            victim.leaves();
        }
        StoryWorker cid = story.worker("cid").joins();
        cid.fails(cid.takeLease(), 0); // its own failures are another count
        story.pass(200);
        cid.answersAll();
        story.completes("squares");
        story.isOver();
    }
}
