package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.state.TaskFailure;
import io.divvy.state.TaskPatch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A task that is not to begin before a time is accepted, and gets its first lease then. */
class NotBeforeTest {
    private static final long LATER_MS = 10_000;

    private final SchedulerStory story = new SchedulerStory(Limits.DEFAULT, true, 42);
    private final long startMs = story.nowMs() + LATER_MS;

    private static void passAndBeat(SchedulerStory in, long ms, StoryWorker worker) {
        long untilMs = in.nowMs() + ms;
        while (in.nowMs() < untilMs) {
            in.pass(Math.min(1_000, untilMs - in.nowMs()));
            worker.beats();
        }
    }

    @Test
    void itsFirstLeaseIsCutWhenItsTimeHasCome() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(1).notBeforeMs(startMs));
        assertEquals(List.of(new Explanation.NotBefore(startMs)), story.explain("text"));
        passAndBeat(story, LATER_MS - 1, ann);
        ann.hasNothing();
        story.pass(1);
        ann.answers(ann.takeLease("text", 0, 1));
        story.completes("text");
        story.isOver();
    }

    @Test
    void aTimeThatHasPassedIsNone() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(1).notBeforeMs(story.nowMs()));
        ann.takeLease("text", 0, 1);
    }

    @Test
    void aRestartDoesNotMakeItBeginEarlier() {
        story.submitAccepted(task("text").subtasks(1).notBeforeMs(startMs));
        SchedulerStory after = story.restart();
        StoryWorker ann = after.worker("ann").joins();
        passAndBeat(after, LATER_MS - 1, ann);
        ann.hasNothing();
        after.pass(1);
        ann.takeLease("text", 0, 1);
    }

    @Test
    void aRestartBehindItsTimeMakesItBegin() {
        story.submitAccepted(task("text").subtasks(1).notBeforeMs(startMs));
        SchedulerStory after = story.restart(LATER_MS);
        StoryWorker ann = after.worker("ann").joins();
        passAndBeat(after, Limits.DEFAULT.holdOffMs(), ann);
        ann.takeLease("text", 0, 1);
    }

    @Test
    void aTaskThatIsAlsoPausedWaitsForBoth() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("text").subtasks(1).notBeforeMs(startMs).paused());
        assertEquals(List.of(new Explanation.NotBefore(startMs), new Explanation.Paused()), story.explain("text"));
        passAndBeat(story, LATER_MS, ann);
        ann.hasNothing();
        story.isPatched(story.patch("text", TaskPatch.paused(false)), "text");
        ann.takeLease("text", 0, 1);
    }

    @Test
    void itCanBeCancelledAndTimesOutBeforeItBegins() {
        story.submitAccepted(task("unwanted").notBeforeMs(startMs));
        story.cancel("unwanted");
        story.isCancelled("unwanted");
        story.submitAccepted(task("late").notBeforeMs(startMs).timeoutMs(LATER_MS / 2));
        story.pass(LATER_MS);
        assertEquals(TaskFailure.Code.TIMEOUT, story.fails("late").code());
        story.isOver();
    }
}
