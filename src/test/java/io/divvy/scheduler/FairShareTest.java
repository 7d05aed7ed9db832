package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tasks of one priority share the workers: a short one does not wait behind a long one. */
class FairShareTest {
    private static final int TASKS = 50;
    private static final long SMALL = 100;

    private final SchedulerStory story = new SchedulerStory();

    @Test
    void fortyNineSmallTasksEndAlmostAsSoonAsWithoutTheLargeOne() {
        long aloneMs = lastSmallEnd(new SchedulerStory(), 0);
        long besideTheLargeOneMs = lastSmallEnd(new SchedulerStory(), 1_000 * SMALL);
        // In fair share they get 49 of 50 parts of the workers.
        assertTrue(
                besideTheLargeOneMs <= 2 * aloneMs,
                besideTheLargeOneMs + " ms beside the large one, " + aloneMs + " ms alone");
    }

    /** Submits the large task first, then the small ones. Returns when the last small one ended. */
    private static long lastSmallEnd(SchedulerStory story, long largeSubtasks) {
        story.checkEvery(1_000);
        List<TimedWorker> workers = Stream.of("a", "b", "c", "d")
                .map(name ->
                        new TimedWorker(story, story.worker(name).credit(1_000).joins(), done -> 10))
                .toList();
        if (largeSubtasks > 0) {
            story.submitAccepted(task("large").subtasks(largeSubtasks));
        }
        for (int i = 1; i < TASKS; i++) {
            story.submitAccepted(task("small-" + i).subtasks(SMALL));
        }
        long startMs = story.nowMs();
        List<String> ended = new ArrayList<>();
        story.listen(effect -> {
            if (effect instanceof Effect.TaskEnded end) {
                ended.add(end.task().spec().id().value());
            }
        });
        while (ended.size() < TASKS - 1) {
            TimedWorker.run(story, workers);
            story.takeReplies();
        }
        assertTrue(ended.stream().noneMatch("large"::equals), "the large one takes longer than all others together");
        return story.nowMs() - startMs;
    }

    @Test
    void twoTasksOfOnePriorityAdvanceSideBySide() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("one").subtasks(1_000));
        story.submitAccepted(task("two").subtasks(1_000));
        Map<String, Long> got = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            Effect.Assign lease = ann.takeLease();
            got.merge(lease.task().value(), lease.to() - lease.from(), Long::sum);
            story.pass(5);
            ann.answers(lease);
        }
        assertEquals(Map.of("one", 50L, "two", 50L), got);
    }

    @Test
    void aNewcomerNeitherWaitsForNorOvertakesTheOthers() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("old").subtasks(1_000));
        for (int i = 0; i < 100; i++) {
            Effect.Assign lease = ann.takeLease();
            story.pass(5);
            ann.answers(lease);
        }
        story.submitAccepted(task("new").subtasks(1_000));
        Map<String, Long> got = new TreeMap<>();
        for (int i = 0; i < 21; i++) {
            Effect.Assign lease = ann.takeLease();
            got.merge(lease.task().value(), 1L, Long::sum);
            story.pass(5);
            ann.answers(lease);
        }
        assertTrue(Math.abs(got.get("old") - got.get("new")) <= 2, () -> "shares " + got);
    }
}
