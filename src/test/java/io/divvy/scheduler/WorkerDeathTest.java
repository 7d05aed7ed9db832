package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.scheduler.Effect.Assign;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Workers that go away with work in their hands: what becomes of it, and what they are the victims of. */
class WorkerDeathTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void indexesOfADeadWorkerArePendingAgainAndGoElsewhere() {
        StoryWorker ann = story.worker("ann").slots(2).credit(8).joins();
        story.submitAccepted(task("squares").subtasks(16));
        Assign lease = ann.takeLease("squares", 0, 4);
        ann.answers(lease, 0, 2);
        ann.leaves();
        assertEquals(ledger("14 pending, 2 done"), story.ledger("squares"));

        StoryWorker bob = story.worker("bob").slots(2).credit(8).joins();
        bob.answersAll();
        assertEquals(2, story.completes("squares").retries());
        story.isOver();
    }

    @Test
    void suspectsOfADeathAreLeasedSingly() {
        StoryWorker ann = story.worker("ann").slots(2).credit(4).joins();
        story.submitAccepted(task("squares").subtasks(16));
        ann.takeLease("squares", 0, 4);
        ann.leaves();

        StoryWorker bob = story.worker("bob").slots(2).credit(4).joins();
        bob.takeLease("squares", 0, 1);
        bob.takeLease("squares", 1, 2);
        // The other two were only waiting when ann died.
        bob.takeLease("squares", 2, 4);
        bob.hasNothing();
    }

    @Test
    void aWorkerStartsTheLeaseThatItGotFirstThoughAnotherWasGrantedBefore() {
        story.holdPayloads();
        StoryWorker ann = story.worker("ann").slots(2).derives("quick").joins();
        story.submitAccepted(task("slow").subtasks(1));
        story.submitAccepted(task("quick").type("quick").derivable().subtasks(1));
        ann.takeLease("quick", 0, 1);
        story.releaseHeld();
        ann.takeLease("slow", 0, 1);
        List<String> running = CoreInspection.running(story.core(), ann.id).stream()
                .map(subtask -> subtask.task().value())
                .toList();
        assertEquals(List.of("quick", "slow"), running);
    }

    @Test
    void aDeathWithASuspectCastsNoSuspicionOnOthers() {
        story.submitAccepted(task("squares").subtasks(20));
        StoryWorker ann = story.worker("ann").slots(2).joins();
        ann.takeLease("squares", 0, 2);
        ann.leaves();
        StoryWorker bob = story.worker("bob").slots(4).joins();
        bob.takeLease("squares", 0, 1);
        bob.takeLease("squares", 1, 2);
        bob.takeLease("squares", 2, 4);
        bob.leaves();

        StoryWorker cid = story.worker("cid").slots(4).joins();
        cid.answers(cid.takeLease("squares", 0, 1));
        cid.answers(cid.takeLease("squares", 1, 2));
        cid.takeLease("squares", 2, 4); // both at once, as before
        cid.takeLease("squares", 4, 6);
    }

    @Test
    void aDeathIsCountedWithTheAttempts() {
        story.submitAccepted(task("squares").subtasks(1));
        StoryWorker ann = story.worker("ann").joins();
        ann.fails(ann.takeLease(), 0);
        story.pass(200);
        ann.takeLease();
        ann.leaves();
        for (String name : List.of("bob", "cid")) {
            StoryWorker victim = story.worker(name).joins();
            victim.takeLease();
            victim.leaves();
        }
        assertEquals(4, story.fails("squares").attempts());
    }

    @Test
    void indexesThatWaitBehindPoisonAreNotSuspected() {
        story.submitAccepted(task("poison").subtasks(1).priority(1));
        story.submitAccepted(task("innocent").subtasks(40));
        for (String name : List.of("ann", "bob", "cid")) {
            StoryWorker victim = story.worker(name).slots(1).credit(10).joins();
            victim.takeLease("poison", 0, 1);
            victim.leaves();
        }
        story.fails("poison");
        StoryWorker dan = story.worker("dan").slots(1).joins();
        dan.answersAll();
        story.completes("innocent");
        story.isOver();
    }

    @Test
    void aLeaseThatWasNeverSentIsNotSuspected() {
        story.holdPayloads();
        story.submitAccepted(task("squares").subtasks(1));
        for (int i = 0; i < 5; i++) {
            StoryWorker victim = story.worker("victim " + i).joins();
            victim.hasNothing();
            victim.leaves();
            if (i < 4) {
                story.releaseOne();
            }
        }
        StoryWorker ann = story.worker("ann").joins();
        story.releaseHeld();
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void indexesThatADrainedWorkerReleasedAreNotSuspected() {
        story.submitAccepted(task("squares").subtasks(1));
        for (int i = 0; i < 5; i++) {
            StoryWorker worker = story.worker("worker " + i).joins();
            worker.takeLease();
            worker.drains();
            worker.leaves();
        }
        StoryWorker ann = story.worker("ann").joins();
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aWorkerThatDiesWhileATaskIsFinishingChangesNothing() {
        StoryWorker pat = story.worker("pat").plain().joins();
        StoryWorker quick = story.worker("quick").plain().joins();
        story.submitAccepted(task("squares").subtasks(1));
        StoryWorker first = pat.hasLease() ? pat : quick;
        StoryWorker second = first == pat ? quick : pat;
        Assign late = first.takeLease();
        story.pass(30_000);
        second.takeLease(); // it holds the same subtask now
        story.holdFinishes();
        first.answers(late);
        second.leaves();
        story.releaseHeld();
        story.completes("squares");
        story.isOver();
    }

    @Test
    void aWorkerThatIsNotKnownAnyMoreIsNotHeard() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        Assign lease = ann.takeLease();
        ann.leaves();
        ann.answers(lease);
        ann.fails(lease, 0);
        ann.beats();
        ann.drains();
        ann.declines("squares");
        ann.leaves();
        assertEquals(ledger("1 pending"), story.ledger("squares"));
    }
}
