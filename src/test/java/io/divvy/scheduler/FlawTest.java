package io.divvy.scheduler;

import static io.divvy.scheduler.StoryTask.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task of which the core's own books are wrong fails, and says what is wrong, rather than give an answer that may be. */
class FlawTest {
    private static final WorkerId ANN = new WorkerId(1);
    private static final TaskId SQUARES = new TaskId("squares");

    private final Scheduler core = new Scheduler(Limits.DEFAULT, RetryPolicy.DEFAULT, false, 1);
    private final List<Effect> effects = new ArrayList<>();

    private void feed(Event event) {
        effects.addAll(core.handle(event, 0));
    }

    @BeforeEach
    void annHoldsSomethingOfATask() {
        StoryTask plan = task("squares").subtasks(100).derivable();
        feed(new Event.TaskSubmitted(1, plan.spec(), plan.size()));
        feed(new Event.WorkerJoined(
                ANN,
                new WorkerIdentity("host", "ann"),
                WorkerTerms.heartbeatEvery(1_000)
                        .slots(4)
                        .derives(Set.of(plan.spec().type()))
                        .build()));
    }

    private TaskState squares() {
        return core.tasks.find(SQUARES);
    }

    private Lease lease() {
        return squares().leases.values().iterator().next();
    }

    private void annAnswers(long from, long to) {
        feed(Event.ResultsArrived.each(ANN, lease().number, from, to, IndexResults.of(from, to)));
    }

    private void failsBecause(String flaw) {
        TaskFailure failure = effects.stream()
                .filter(Effect.Persist.class::isInstance)
                .map(effect -> ((Effect.Persist) effect).change())
                .filter(Change.TaskFinished.class::isInstance)
                .map(change -> ((Change.TaskFinished) change).task())
                .map(TaskSnapshot::failure)
                .findFirst()
                .orElseThrow();
        assertEquals(TaskFailure.Code.INTERNAL, failure.code());
        assertTrue(failure.message().endsWith(flaw), failure::message);
    }

    @Test
    void aSubtaskThatIsMissingInTheLedgerFailsItsTask() {
        Chunk chunk = squares().indexes.openChunk(0);
        chunk.leased.remove(0, 1);
        squares().indexes.close(chunk, 0, 1, true);
        annAnswers(1, 2);
        failsBecause("of its subtasks are pending");
    }

    @Test
    void aSubtaskThatCountsTwiceFailsItsTask() {
        Chunk chunk = squares().indexes.openChunk(0);
        squares().indexes.close(chunk, 0, 1, true);
        squares().indexes.close(chunk, 0, 1, true);
        annAnswers(1, 2);
        failsBecause("of [0, 1) only 0 could count, as they had not counted before");
    }

    @Test
    void aSubtaskThatIsLeasedWithoutALeaseFailsItsTask() {
        squares().indexes.openChunk(0).leased.add(50, 51);
        while (squares().isActive()) {
            annAnswers(lease().from, lease().to);
        }
        failsBecause("could be leased, as nobody held them");
    }

    @Test
    void aWorkerWithNegativeCreditInUseFailsTheTask() {
        core.workers.find(ANN).freeCredit(1_000);
        annAnswers(0, 1);
        failsBecause("ann answered more than it held");
    }
}
