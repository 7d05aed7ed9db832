package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskFailure;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names under which workers die with whatever they get are kept from work for a while. */
class QuarantineTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void aNameThatDiesWithDifferentSubtasksIsQuarantinedForLongerEachTime() {
        story.submitAccepted(task("squares").subtasks(1_000));
        StoryWorker good = story.worker("good").credit(1).joins();
        StoryWorker crasher = null;
        long[] heldMs = new long[6];
        for (int life = 0; life < heldMs.length; life++) {
            crasher = story.worker("crasher").credit(1).joins();
            while (!crasher.hasLease()) {
                story.pass(100);
                heldMs[life] += 100;
                good.beats();
                good.answers(good.takeLease());
                crasher.beats();
            }
            good.answers(good.takeLease()); // so that the next one gets another subtask
            crasher.leaves();
            good.answers(good.takeLease());
            good.answers(good.takeLease());
        }
        assertEquals(
                List.of(0L, 0L, 1_000L, 2_000L, 4_000L, 8_000L),
                Arrays.stream(heldMs).boxed().toList());
    }

    @Test
    void aQuarantineIsShownOfTheWorkerAndExplainsItsTask() {
        story.submitAccepted(task("squares").subtasks(3));
        quarantine("crasher");
        StoryWorker crasher = story.worker("crasher").joins();
        crasher.hasNothing();
        long untilMs = story.nowMs() + 1_000;
        assertEquals(untilMs, story.core().worker(crasher.id).quarantinedUntilMs());
        assertEquals(List.of(new Explanation.Quarantined("numbers", 1, untilMs)), story.explain("squares"));
        story.pass(1_000);
        assertEquals(null, story.core().worker(crasher.id).quarantinedUntilMs());
        assertTrue(crasher.hasLease());
    }

    @Test
    void goodWorkClearsTheDeathsOfAName() {
        story.submitAccepted(task("squares").subtasks(1_000));
        quarantine("crasher");
        StoryWorker healed = story.worker("crasher").credit(4).joins();
        story.pass(1_000);
        for (int i = 0; i < Limits.GOOD_WORK_SUBTASKS; i++) {
            healed.answers(healed.takeLease());
        }
        healed.leaves();
        assertTrue(story.worker("crasher").joins().hasLease());
    }

    @Test
    void aMachineThatIsTakenAwayNowAndThenIsNotQuarantined() {
        story.submitAccepted(task("squares").subtasks(1_000));
        for (int life = 0; life < 20; life++) {
            StoryWorker spot = story.worker("spot").slots(1).joins();
            for (int i = 0; i < 3; i++) {
                story.pass(14_000);
                spot.beats();
                spot.answers(spot.takeLease());
                story.pass(10_000);
                spot.beats();
            }
            spot.leaves();
            StoryWorker other = story.worker("other").joins();
            other.answers(other.takeLease());
            other.drains();
            other.leaves();
        }
        assertEquals(null, story.core().worker(story.worker("spot").joins().id).quarantinedUntilMs());
    }

    @Test
    void namesThatNeverComeBackAreForgotten() {
        story.checkEvery(10_000);
        story.submitAccepted(task("squares").subtasks(2));
        StoryWorker good = story.worker("good").joins();
        good.answers(good.takeLease());
        Assign held = good.takeLease();
        story.submitAccepted(task("more").subtasks(10_000));
        for (int i = 0; i < Limits.DEFAULT.quarantineNames() + 500; i++) {
            story.worker("fleet " + i).joins().leaves();
        }
        assertEquals(Limits.DEFAULT.quarantineNames(), CoreInspection.rememberedNames(story.core()));
        good.answers(held);
        story.completes("squares");
    }

    @Test
    void aNameThatBreaksTheProtocolWithDifferentSubtasksIsQuarantinedToo() {
        story.submitAccepted(task("squares").subtasks(1_000));
        for (int life = 0; life < 2; life++) {
            StoryWorker liar = story.worker("liar").joins();
            liar.saysNonsense(liar.takeLease().lease(), null, "bad_json: NaN is no JSON number", true);
            liar.leaves("bad_json: NaN is no JSON number");
        }
        StoryWorker liar = story.worker("liar").joins();
        liar.hasNothing();
        assertEquals(
                Long.valueOf(story.nowMs() + 1_000),
                story.core().worker(liar.id).quarantinedUntilMs());
    }

    @Test
    void usedUpAttemptsDoNotClearANameThatBreaksTheProtocol() {
        for (String id : List.of("first", "second")) {
            story.submitAccepted(task(id).subtasks(1).maxAttempts(1));
            StoryWorker liar = story.worker("liar").joins();
            liar.saysNonsense(liar.takeLease(id, 0, 1).lease(), null, "bad_json: NaN is no JSON number", true);
            assertEquals(TaskFailure.Code.SUBTASK_FAILED, story.fails(id).code());
            liar.leaves("bad_json: NaN is no JSON number");
        }
        story.submitAccepted(task("third").subtasks(1).maxAttempts(1));
        story.worker("liar").joins().hasNothing();
    }

    @Test
    void aPoisonVerdictClearsTheNamesThatDiedWithIt() {
        story.submitAccepted(task("squares").subtasks(1).priority(1));
        story.submitAccepted(task("more").subtasks(100));
        for (String name : List.of("ann", "bob")) {
            StoryWorker victim = story.worker(name).joins();
            victim.takeLease("squares", 0, 1);
            victim.leaves();
        }
        StoryWorker cid = story.worker("cid").joins();
        cid.takeLease("squares", 0, 1);
        StoryWorker unlucky = story.worker("ann").joins();
        unlucky.takeLease();
        unlucky.leaves(); // with another one: the name is quarantined
        StoryWorker ann = story.worker("ann").joins();
        ann.hasNothing();
        cid.leaves();
        assertEquals(TaskFailure.Code.SUBTASK_POISONOUS, story.fails("squares").code());
        assertTrue(ann.hasLease());
    }

    /** Workers of the name die with two different subtasks. */
    private void quarantine(String name) {
        for (int life = 0; life < 2; life++) {
            StoryWorker victim = story.worker(name).joins();
            Assign lease = victim.takeLease();
            victim.leaves();
            StoryWorker good = story.worker("good").joins();
            good.answers(good.takeLease("squares", lease.from(), lease.to()));
            good.drains();
            good.leaves();
        }
    }
}
