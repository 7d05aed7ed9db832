package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much of a task a worker holds: what it answers says that, and its type where the task is too small for it. */
class PaceTest {
    private static final int MILLION = 1_000_000;

    private final SchedulerStory story = new SchedulerStory();

    @Test
    void theSpeedOfAWorkerIsKnownForOneTaskOnly() {
        StoryWorker ann = story.worker("ann").credit(100_000).joins();
        story.submitAccepted(task("quick").subtasks(100_000));
        while (ann.hasLease()) {
            story.pass(1);
            ann.answers(ann.takeLease());
        }
        story.completes("quick");

        story.submitAccepted(task("heavy").subtasks(MILLION).priority(-1));
        Assign heavy = ann.takeLease("heavy", 0, 2);
        ann.hasNothing();
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        story.pass(900);
        ann.releases(ann.isAskedToGiveBack(), 1); // Priority does not wait for time to run out.
        Assign urgent = ann.takeLease("urgent", 0, 1);
        ann.answers(heavy, 0, 1);
        ann.answers(urgent);
        story.completes("urgent");
    }

    /** Submits tasks of one subtask each. */
    private void submitMany(String prefix, int count, int priority) {
        for (int i = 0; i < count; i++) {
            story.submitAccepted(task(prefix + i).subtasks(1).priority(priority));
        }
    }

    /** Answers tasks of one subtask each, a hundred in a millisecond. Returns in how many turns. */
    private int answersQuickly(StoryWorker worker, int tasks) {
        int turns = 0;
        for (int done = 0; done < tasks; turns++) {
            List<Assign> held = worker.takeAllLeases();
            assertTrue(!held.isEmpty(), "nothing to do after " + done + " tasks");
            story.pass(1 + held.size() / 100);
            held.forEach(worker::answers);
            done += held.size();
        }
        story.takeReplies();
        return turns;
    }

    @Test
    void manyNewTasksAreNotHeldByTheSpeedOfTheirType() {
        story.checkEvery(1_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        story.submitAccepted(task("quick").subtasks(100_000));
        while (ann.hasLease()) {
            story.pass(1);
            ann.answers(ann.takeLease());
        }
        story.completes("quick");

        submitMany("heavy", 3_000, -1);
        List<Assign> held = ann.takeAllLeases();
        assertTrue(held.size() <= 4, held.size() + " are held, as if they were known to be quick");
        story.submitAccepted(task("urgent").subtasks(1).priority(100));
        story.pass(Limits.PREEMPTION_WAIT_MS + 50);
        for (int waiting = 1; waiting < held.size(); waiting++) {
            ann.releases(ann.isAskedToGiveBack(), 0);
        }
        ann.takeLease("urgent", 0, 1);
    }

    @Test
    void theNumberOfQuickTasksThatAWorkerHoldsDoublesFromTurnToTurn() {
        story.checkEvery(10_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        submitMany("quick", 10_000, 0);
        int turns = answersQuickly(ann, 10_000);
        assertTrue(turns <= 20, turns + " turns");
    }

    @Test
    void afterATypeWasTooSlowItsNewTasksAreHeldAsIfNothingWereKnown() {
        story.checkEvery(10_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        submitMany("quick", 10_000, 0);
        answersQuickly(ann, 10_000);
        submitMany("heavy", 3_000, 0);
        List<Assign> held = ann.takeAllLeases();
        assertTrue(held.size() > 1_000, held.size() + " is little for such a quick type");
        pass(2_000, ann);
        for (int revoked = 1; revoked < held.size(); revoked++) {
            ann.releases(ann.isAskedToGiveBack(), 0);
        }
        submitMany("more", 3_000, 1);
        ann.hasNothing();
        ann.answers(held.get(0));
        int most = 0;
        for (int i = 0; i < 10; i++) {
            held = ann.takeAllLeases();
            most = Math.max(most, held.size());
            pass(1_500, ann);
            held.forEach(ann::answers);
        }
        assertTrue(most <= 2, most + " heavy ones at once");
    }

    /** With nothing measured it may hold twice what it has answered, and then what it does in a second. */
    @Test
    void leasesOfAQuickTaskSoonHaveTheirFullSize() {
        story.checkEvery(1_000);
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        story.submitAccepted(task("quick").subtasks(10_000L * MILLION));
        int leases = 0;
        long size = 0;
        while (size < 100_000) {
            Assign lease = ann.takeLease();
            size = lease.to() - lease.from();
            leases++;
            story.pass(1 + size / 100_000);
            ann.answers(lease);
        }
        assertTrue(leases <= 25, leases + " leases");
    }

    @Test
    void theSizeOfALeaseAtMostFollowsWhatWasDone() {
        StoryWorker ann = story.worker("ann").credit(MILLION).joins();
        story.submitAccepted(task("quick").subtasks(MILLION));
        long done = 0;
        for (int i = 0; i < 10; i++) {
            Assign lease = ann.takeLease();
            long size = lease.to() - lease.from();
            assertTrue(size <= Math.max(2, 2 * done), size + " after " + done);
            ann.answers(lease);
            done += size;
        }
        assertTrue(done > 1_000, done + " done in ten leases");
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
}
