package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Five hundred workers join each second and come to a bad end, beside three that work. No task may suffer from that. */
class DyingFleetTest {
    private final SchedulerStory story = new SchedulerStory();

    /** What becomes of a worker of the fleet that was given something. */
    enum Kind {
        DIES {
            @Override
            void end(StoryWorker worker, Assign lease) {
                worker.leaves();
            }
        },
        ANSWERS_ONCE_AND_DIES {
            @Override
            void end(StoryWorker worker, Assign lease) {
                if (lease.to() - lease.from() == 1) {
                    worker.answers(lease);
                }
                worker.leaves();
            }
        },
        BREAKS_THE_PROTOCOL {
            @Override
            void end(StoryWorker worker, Assign lease) {
                worker.saysNonsense(lease.lease(), null, "bad_json: NaN is no JSON number", true);
                worker.leaves("bad_json: NaN is no JSON number");
            }
        };

        abstract void end(StoryWorker worker, Assign lease);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void noTaskFailsAndNoneCompletesWithFailedParts(Kind kind) {
        story.checkEvery(100);
        List<TaskSnapshot> ends = new ArrayList<>();
        story.listen(effect -> {
            if (effect instanceof Effect.TaskEnded ended) {
                ends.add(ended.task());
            }
        });
        List<SteadyWorker> good = List.of(new SteadyWorker("a"), new SteadyWorker("b"), new SteadyWorker("c"));
        story.submitAccepted(task("strict").subtasks(300));
        story.submitAccepted(task("lenient").subtasks(300).continuesOnFailure());
        int fleet = 0;
        while (story.core().openTasks() > 0) {
            assertTrue(++fleet < 20_000, "it goes on");
            // Some come again under their names, others never do.
            String name = fleet % 2 == 0 ? "fleet " + fleet % 700 : "passer-by " + fleet;
            StoryWorker dying = story.worker(name).slots(1 + fleet % 3).joins();
            story.pass(2);
            good.forEach(SteadyWorker::work);
            if (dying.hasLease()) {
                kind.end(dying, dying.takeLease());
            } else {
                dying.leaves();
            }
        }
        assertTrue(fleet > 300, fleet + " of them came");
        assertEquals(2, ends.size());
        for (TaskSnapshot end : ends) {
            assertEquals(TaskSnapshot.State.COMPLETED, end.state(), end::toString);
            assertEquals(List.of(), end.failedRanges());
        }
    }

    /** A worker that takes ten milliseconds for a lease, and two hundred for its first one. */
    private final class SteadyWorker {
        private final StoryWorker worker;
        private long dueMs = story.nowMs() + 200;

        SteadyWorker(String name) {
            worker = story.worker(name).joins();
        }

        void work() {
            if (story.nowMs() >= dueMs) {
                dueMs = story.nowMs() + 10;
                worker.takeAllLeases().forEach(worker::answers);
            }
            worker.beats();
        }
    }
}
