package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the core tells of its tasks and workers. */
class QueryTest {
    private final SchedulerStory story = new SchedulerStory();

    private List<String> open(@Nullable TaskPosition after, int atMost) {
        List<String> ids = new ArrayList<>();
        story.core().visitOpen(after, snapshot -> {
            ids.add(snapshot.spec().id().value());
            return ids.size() < atMost;
        });
        return ids;
    }

    @Test
    void openTasksAreListedTheNewestFirst() {
        for (String id : List.of("a", "b", "c", "d")) {
            story.submitAccepted(task(id).subtasks(1));
            story.pass(1);
        }
        assertEquals(List.of("d", "c", "b", "a"), open(null, 100));
        assertEquals(List.of("d", "c"), open(null, 2));
    }

    @Test
    void tasksOfOneMillisecondAreListedByTheirIds() {
        for (String id : List.of("b", "c", "a")) {
            story.submitAccepted(task(id).subtasks(1));
        }
        assertEquals(List.of("c", "b", "a"), open(null, 100));
    }

    @Test
    void aListGoesOnWhereItStoppedWhateverCameAndWent() {
        for (String id : List.of("a", "b", "c", "d")) {
            story.submitAccepted(task(id).subtasks(1));
            story.pass(1);
        }
        TaskSnapshot last = story.snapshot("c");
        story.cancel("c");
        story.isCancelled("c");
        story.submitAccepted(task("e").subtasks(1));
        assertEquals(List.of("b", "a"), open(new TaskPosition(last.submittedMs(), new TaskId("c")), 100));
    }

    @Test
    void nobodySeesATaskBeforeItIsAcceptedNorItsEndBeforeThatIsDurable() {
        story.holdCommits();
        story.submit(task("squares").subtasks(1));
        assertEquals(List.of(), open(null, 100));
        story.releaseHeld();
        story.isAccepted(1, "squares", 1);
        assertEquals(List.of("squares"), open(null, 100));

        story.holdCommits();
        story.cancel("squares");
        story.core().visitOpen(null, snapshot -> {
            assertEquals(State.QUEUED, snapshot.state());
            return true;
        });
        assertEquals(List.of("squares"), open(null, 100));
        story.releaseHeld();
        story.isCancelled("squares");
        assertEquals(List.of(), open(null, 100));
        story.isOver();
    }

    @Test
    void aWorkerIsShownAsItIs() {
        long joinedMs = story.nowMs();
        StoryWorker ann = story.worker("ann")
                .slots(2)
                .credit(8)
                .takesOnly("numbers")
                .derives("numbers")
                .joins();
        StoryWorker pat = story.worker("pat").plain().joins();
        story.submitAccepted(task("squares").derivable().subtasks(4));
        Assign lease = ann.takeLease();
        story.pass(10);
        ann.answers(lease, lease.from(), lease.from() + 1);

        List<WorkerSnapshot> workers = story.core().workers();
        WorkerSnapshot shown = workers.get(0);
        assertEquals(2, workers.size());
        assertEquals(ann.id, shown.id());
        assertEquals("ann", shown.name());
        assertEquals(2, shown.slots());
        assertEquals(8, shown.credit());
        assertEquals(Set.of("numbers"), shown.taskTypes());
        assertEquals(Set.of("numbers"), shown.derives());
        assertEquals(joinedMs, shown.joinedMs());
        assertEquals(joinedMs + 10, shown.lastSeenMs());
        assertEquals(1, shown.subtasksDone());
        long held = story.ledger("squares").leased() - workers.get(1).creditInUse();
        assertEquals(held, shown.creditInUse());
        assertNull(workers.get(1).taskTypes());
        assertEquals(pat.id, workers.get(1).id());
        assertEquals(1, workers.get(1).openLeases());
    }
}
