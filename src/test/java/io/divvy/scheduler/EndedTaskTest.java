package io.divvy.scheduler;

import static io.divvy.scheduler.TaskPlan.task;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

/** What is left of a task in the core when it has ended. */
class EndedTaskTest {
    private final SchedulerStory story = new SchedulerStory();

    /** A worker's session remembers a thousand ended leases, and each of them its task. */
    @Test
    void aRememberedLeaseOfATaskThatHasEndedKeepsNoneOfItsData() {
        StoryWorker ann = story.worker("ann").joins();
        story.submitAccepted(task("squares").subtasks(1));
        ann.takeLease("squares", 0, 1);
        story.holdCommits();
        story.cancel("squares");
        WeakReference<TaskSnapshot> asItWas = new WeakReference<>(story.snapshot("squares"));
        story.releaseHeld();
        story.isCancelled("squares");
        await().until(() -> {
            System.gc();
            return asItWas.refersTo(null);
        });
        ann.isToldToCancel("squares");
        story.isOver();
    }
}
