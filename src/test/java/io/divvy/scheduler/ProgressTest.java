package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static io.divvy.testing.LedgerOf.ledger;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Who watches a task hears how it goes on, but never more than ten times a second. */
class ProgressTest {
    private final SchedulerStory story = new SchedulerStory();

    @Test
    void progressIsReportedAtOnceAndThenAtMostEveryHundredMilliseconds() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1_000));
        story.watch("squares", true);
        assertEquals(ledger("999 pending, 1 leased"), story.reportsProgress("squares"));
        int reports = 0;
        for (int ms = 0; ms < 500; ms++) {
            ann.answers(ann.takeLease());
            if (story.hasReply()) {
                assertTrue(story.reportsProgress("squares").done() > 0);
                assertFalse(story.hasReply());
                reports++;
            }
            story.pass(1);
            if (story.hasReply()) {
                story.reportsProgress("squares");
                reports++;
            }
        }
        assertEquals(5, reports, "reports in half a second");
    }

    @Test
    void theLastMovesAreReportedWhenTheirTimeHasComeAlsoIfNothingElseHappens() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(10));
        story.watch("squares", true);
        assertEquals(0, story.reportsProgress("squares").done());
        ann.answers(ann.takeLease());
        ann.answers(ann.takeLease());
        ann.answers(ann.takeLease());
        story.pass(99);
        assertFalse(story.hasReply());
        story.pass(1);
        assertEquals(ledger("6 pending, 1 leased, 3 done"), story.reportsProgress("squares"));
        story.pass(1_000);
        assertFalse(story.hasReply());
    }

    @Test
    void progressIsNotReportedUnlessItIsWanted() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(10));
        ann.answersAll();
        story.completes("squares");
        story.watch("squares", true);
        story.isOver();
    }

    @Test
    void progressIsNotReportedOnceItIsNotWantedAnyMore() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(10));
        story.watch("squares", true);
        story.reportsProgress("squares");
        ann.answers(ann.takeLease());
        story.watch("squares", false);
        story.watch("squares", true); // asking again is no way to hear more often
        assertFalse(story.hasReply());
        story.watch("squares", false);
        story.pass(1_000);
        assertFalse(story.hasReply());
    }

    @Test
    void nothingIsReportedAfterTheEnd() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(2));
        story.watch("squares", true);
        story.reportsProgress("squares");
        ann.answersAll();
        story.completes("squares");
        story.pass(1_000);
        story.isOver();
    }

    @Test
    void progressThatIsWantedBeforeTheAcceptanceIsReportedAfterIt() {
        story.holdCommits();
        story.submit(task("squares").subtasks(2));
        story.watch("squares", true);
        StoryWorker ann = story.worker("ann").joins();
        ann.answers(ann.takeLease());
        story.pass(1_000);
        assertFalse(story.hasReply());
        story.releaseHeld();
        story.isAccepted(1, "squares", 2);
        assertEquals(ledger("1 leased, 1 done"), story.reportsProgress("squares"));
        ann.answersAll();
        story.completes("squares");
        story.isOver();
    }
}
