package io.divvy.scheduler.world;

import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.Refusal;
import io.divvy.scheduler.Scheduler;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import java.util.HashMap;
import java.util.Map;

/** What the core says to senders is held against what was submitted, and against what is durable, before it goes out. */
final class SubmissionOracle {
    private final World world;
    private final SimulatedStore store;
    /** What was submitted and is not answered, by the request, as the new task that it would be. */
    private final Map<Long, SimulatedTask> submissions = new HashMap<>();

    SubmissionOracle(World world, SimulatedStore store) {
        this.world = world;
        this.store = store;
    }

    void submitted(Event.TaskSubmitted event, TaskObject object) {
        submissions.put(event.request(), world.arrives(object, event));
    }

    private SimulatedTask answered(long request, Effect answer) {
        return Violation.ifNull(submissions.remove(request), () -> answer + " to a submission that is not open");
    }

    void on(Effect.TaskAccepted effect) {
        SimulatedTask submitted = answered(effect.request(), effect);
        Saved saved = Violation.ifNull(
                store.find(effect.task()), () -> effect + ", but it is not durable that the task exists");
        Violation.unless(
                effect.subtasks() == saved.task.subtasks(), () -> effect + ", but it has " + saved.task.subtasks());
        if (submitted != saved.task) {
            world.isKnownAlready(submitted);
        }
    }

    void on(Effect.TaskRefused effect, Scheduler core) {
        SimulatedTask task = answered(effect.request(), effect);
        Limits limits = world.settings().limits();
        boolean isTooLarge = task.sizeBytes > limits.openTaskBytes();
        boolean isRight =
                switch (effect.refusal().kind()) {
                    case CONFLICT -> world.wants().mayConflict(task.wanted);
                    case BUSY ->
                        store.isKnownToFail()
                                || core.openTasks() >= limits.openTasks()
                                || core.openTaskBytes() + task.sizeBytes > limits.openTaskBytes();
                    case LIMIT_EXCEEDED -> isTooLarge;
                    default -> false;
                };
        Violation.unless(isRight, () -> effect + " of " + task.wanted);
        if (effect.refusal().kind() == Refusal.Kind.BUSY) {
            task.wanted.turnedAway();
        } else if (isTooLarge) {
            task.wanted.tooLarge();
        }
    }

    void on(Effect.ReportProgress effect) {
        Violation.unless(effect.ledger().addsUp(), () -> effect + " does not add up");
        Violation.unless(
                store.find(effect.task()) != null, () -> effect + ", but it is not durable that the task exists");
    }

    void on(Effect.TaskEnded effect) {
        TaskSnapshot end = effect.task();
        TaskId id = end.spec().id();
        Saved saved = Violation.ifNull(store.find(id), () -> id + " ended, but never existed");
        Violation.unless(
                saved.end != null && end.equals(saved.end.task()),
                () -> effect + ", but what is durable is " + saved.end);
    }
}
