package io.divvy.scheduler.world;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Refusal;
import io.divvy.scheduler.Scheduler;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What comes of changes of tasks: they hold at once, and survive once somebody was told of them. A paused task gets no lease, nor
 * does one whose time has not come.
 * That one which is resumed goes on is seen at the end of the world.
 */
final class PatchOracle {
    private final World world;
    private final SimulatedStore store;
    private final PeerTime time;
    /** Changes that the core made and nobody was told of yet, by the request. */
    private final Map<Long, TaskPatch> untold = new HashMap<>();
    /** Tasks whose end was decided. */
    private final Set<TaskId> ended = new HashSet<>();

    PatchOracle(World world, SimulatedStore store, PeerTime time) {
        this.time = time;
        this.world = world;
        this.store = store;
    }

    /** The core was asked to change a task, and that led to these effects. */
    void requested(Event.PatchRequested event, List<Effect> effects, Scheduler core) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.PatchAnswered answer && answer.refusal() != null) {
                requireReason(answer.refusal(), event);
                return;
            }
        }
        SimulatedTask task = world.task(event.task());
        TaskPatch patch = event.patch();
        untold.put(event.request(), patch);
        task.becomes(task.spec().patched(patch));
        if (patch.labels() != null) {
            task.labels.add(patch.labels());
        }
        TaskSnapshot now = Violation.ifNull(core.find(task.id()), () -> event + " is taken, but the task is not open");
        Violation.unless(now.spec().equals(task.spec()), () -> event + " made it " + now.spec());
    }

    private void requireReason(Refusal refusal, Event.PatchRequested event) {
        boolean isRight =
                switch (refusal.kind()) {
                    case CONFLICT -> ended.contains(event.task());
                    case BUSY ->
                        store.isKnownToFail() || event.patch().labels() != null || !world.task(event.task()).isAccepted;
                    default -> false;
                };
        Violation.unless(isRight, () -> event + " is refused: " + refusal);
    }

    void on(Effect.PatchAnswered effect) {
        if (effect.refusal() != null) {
            return;
        }
        TaskPatch patch = Violation.ifNull(
                untold.remove(effect.request()), () -> effect + ", but that was not asked, or was answered before");
        Saved saved = store.find(effect.task());
        Violation.unless(
                saved != null && saved.patches.stream().anyMatch(stored -> stored == patch)
                        || world.task(effect.task()).isDeleted,
                () -> effect + ", but " + patch + " is not durable");
    }

    /** A lease of the task is begun, or sent. */
    void leased(TaskId task, Effect effect) {
        TaskSpec spec = world.task(task).spec();
        Violation.unless(!spec.paused(), () -> effect + ", but the task is paused");
        Violation.unless(
                time.coreMs() >= spec.notBeforeMs(),
                () -> effect + " at " + time.coreMs() + ", but it is not to begin before " + spec.notBeforeMs());
    }

    /** The end of the task was decided: nothing of it changes any more. */
    void ends(TaskId task) {
        ended.add(task);
    }

    /** What survived of the task is as it was stored. */
    SimulatedTask restored(Event.TaskRestored restored) {
        SimulatedTask task = world.task(restored.spec().id());
        Saved saved = Violation.ifNull(store.find(task.id()), () -> restored + ", but it is not stored");
        task.becomes(saved.spec());
        return task;
    }
}
