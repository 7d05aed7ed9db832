package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.ChunkProgress;
import io.divvy.state.TaskFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Workers that lose their connection and come back are alive: what they ran did not kill them. */
class ConnectionLossTest {
    private final SchedulerStory story = new SchedulerStory();

    private StoryWorker alive() {
        return alive("alive", "one life");
    }

    private StoryWorker alive(String name, String instance) {
        return story.worker(name).instance(instance);
    }

    @Test
    void aLongSubtaskOutlastsTheConnectionsOfItsWorker() {
        story.submitAccepted(task("squares").subtasks(1));
        for (int connection = 0; connection < 5; connection++) {
            StoryWorker worker = alive().joins();
            worker.takeLease("squares", 0, 1);
            worker.leaves("no sign of life for 15000 ms");
        }
        StoryWorker last = alive().joins();
        last.answers(last.takeLease("squares", 0, 1));
        story.completes("squares");
        story.isOver();
    }

    @Test
    void anotherInstanceOfTheSameNameCountsAsADeath() {
        story.submitAccepted(task("squares").subtasks(1));
        for (int life = 0; life < 3; life++) {
            StoryWorker worker = alive("alive", "life " + life).joins();
            worker.takeLease("squares", 0, 1);
            worker.leaves();
        }
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("squares").code());
        story.isOver();
    }

    @Test
    void theSameInstanceOnAnotherHostIsAnotherWorker() {
        story.submitAccepted(task("squares").subtasks(1));
        for (String host : List.of("10.0.0.1", "10.0.0.2", "10.0.0.3")) {
            StoryWorker worker = alive().from(host).joins();
            worker.takeLease("squares", 0, 1);
            worker.leaves();
        }
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("squares").code());
    }

    @Test
    void aLossThatIsTakenBackLeavesTheDeathsOfOtherWorkersCounted() {
        story.submitAccepted(task("squares").subtasks(1));
        StoryWorker ann = story.worker("ann").joins();
        ann.takeLease("squares", 0, 1);
        ann.leaves();
        StoryWorker lost = alive().joins();
        lost.takeLease("squares", 0, 1);
        lost.leaves("no sign of life for 15000 ms");
        lost = alive().joins();
        story.pass(Limits.TRIAL_WAIT_MS);
        lost.takeLease("squares", 0, 1);
        lost.leaves("closed by the peer");
        // It does not come back: that was its death, and the one before was not.
        StoryWorker bob = story.worker("bob").joins();
        story.pass(Limits.TRIAL_WAIT_MS);
        bob.takeLease("squares", 0, 1);
        bob.leaves();
        assertEquals(
                "subtask 0: it was all that workers ran when they died, 3 times: ann at 10.0.0.1 (closed by the peer),"
                        + " alive at 10.0.0.1 (closed by the peer), bob at 10.0.0.1 (closed by the peer)",
                story.fails("squares").message());
    }

    @Test
    void aSubtaskIsNoSuspectAnyMoreOnceItsOnlyDeathIsTakenBack() {
        story.submitAccepted(task("squares").subtasks(8));
        for (int connection = 0; connection < 4; connection++) {
            StoryWorker worker = alive().slots(2).credit(4).joins();
            worker.takeLease("squares", 0, 4); // all at once, and not each singly
            worker.leaves();
        }
        assertTrue(alive().slots(2).credit(4).joins().hasLease());
    }

    @Test
    void aTrialEndsWhenTheDeathThatLedToItIsTakenBack() {
        story.submitAccepted(task("squares").subtasks(4));
        StoryWorker ann = story.worker("ann").joins();
        ann.takeLease("squares", 0, 1);
        ann.leaves();
        StoryWorker lost = alive().slots(2).joins();
        lost.takeLease("squares", 0, 1);
        lost.leaves();
        assertEquals(List.of("OnTrial"), kinds("squares", "OnTrial"));
        StoryWorker back = alive().slots(2).joins();
        back.takeLease("squares", 0, 1); // singly: there is ann's death
        back.takeLease("squares", 1, 2); // and not alone, as on trial
        assertEquals(List.of(), kinds("squares", "OnTrial"));
    }

    private List<String> kinds(String task, String kind) {
        return story.explain(task).stream()
                .map(reason -> reason.getClass().getSimpleName())
                .filter(kind::equals)
                .toList();
    }

    @Test
    void lossesOfTheSameInstanceLeadToNoQuarantine() {
        story.submitAccepted(task("squares").subtasks(1_000));
        for (int connection = 0; connection < 40; connection++) {
            StoryWorker worker = alive().joins();
            assertTrue(worker.hasLease(), "on connection " + connection);
            worker.answers(worker.takeLease());
            assertTrue(worker.hasLease());
            worker.leaves();
        }
    }

    @Test
    void anInstanceThatComesBackAgainAndAgainWithoutAnAnswerIsQuarantined() {
        story.submitAccepted(task("squares").subtasks(1_000));
        StoryWorker good = story.worker("good").joins();
        int lives = 0;
        for (StoryWorker liar = alive("liar", "constant").joins(); liar.hasLease(); lives++) {
            assertTrue(lives < 50, "it is never quarantined");
            good.answers(good.takeLease()); // so that the next one gets another subtask
            liar.leaves();
            good.answers(good.takeLease());
            good.answers(good.takeLease());
            liar = alive("liar", "constant").joins();
        }
        assertEquals(Limits.LOSSES_TAKEN_BACK + 2, lives);
    }

    @Test
    void anInstanceThatDiesAndComesBackAgainAndAgainBlocksNoTaskForEver() {
        story.submitAccepted(task("squares").subtasks(1));
        int lives = 0;
        while (!story.hasReply()) {
            StoryWorker liar = alive("liar", "constant").joins();
            liar.takeLease("squares", 0, 1);
            liar.leaves();
            lives++;
        }
        assertEquals(Limits.LOSSES_TAKEN_BACK + 3, lives);
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("squares").code());
        story.isOver();
    }

    @Test
    void aLossOfLongAgoIsNotTakenBack() {
        story.submitAccepted(task("squares").subtasks(1));
        for (int connection = 0; connection < 3; connection++) {
            StoryWorker worker = alive().joins();
            worker.takeLease("squares", 0, 1);
            worker.leaves();
            story.pass(Limits.LOSS_REMEMBERED_MS + 1);
        }
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("squares").code());
    }

    @Test
    void takingALossBackKeepsTheOtherFailedAttempts() {
        story.submitAccepted(task("squares").subtasks(1).maxAttempts(2));
        StoryWorker worker = alive().joins();
        worker.fails(worker.takeLease("squares", 0, 1), 0, "first");
        story.pass(10_000);
        Assign second = worker.takeLease("squares", 0, 1);
        assertEquals(0, second.from());
        worker.leaves();
        StoryWorker back = alive().joins();
        back.fails(back.takeLease("squares", 0, 1), 0, "second");
        assertEquals(2, story.fails("squares").attempts());
        story.isOver();
    }

    @Test
    void aDeathThatIsTakenBackIsTakenBackInTheStoreToo() {
        SchedulerStory saving = new SchedulerStory(Limits.DEFAULT, true, 1);
        saving.submitAccepted(task("squares").subtasks(2));
        saving.worker("alive").instance("one life").joins().leaves();
        saving.pass(1_000);
        assertEquals(1, lastDeaths(saving));
        saving.worker("alive").instance("one life").joins();
        saving.pass(1_000);
        assertEquals(0, lastDeaths(saving));
    }

    private static int lastDeaths(SchedulerStory story) {
        List<Change.TaskAdvanced> saved = story.saved("squares");
        return saved.get(saved.size() - 1).chunks().get(0).attempts().stream()
                .mapToInt(ChunkProgress.Attempts::deaths)
                .sum();
    }

    @Test
    void theLossOfAWorkerThatNeverComesBackIsForgotten() {
        story.checkEvery(10_000);
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker good = story.worker("good").joins();
        good.takeLease();
        story.submitAccepted(task("more").subtasks(10_000));
        for (int i = 0; i < Limits.DEFAULT.quarantineNames() + 500; i++) {
            alive("fleet " + i, "life " + i).joins().leaves();
        }
        assertEquals(Limits.DEFAULT.quarantineNames(), CoreInspection.rememberedLosses(story.core()));
    }
}
