package io.divvy.scheduler;

import io.divvy.scheduler.Event.PatchRequested;
import io.divvy.state.TaskSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes what may change of a task until it ends. That holds at once; who asked hears of it when it is durable. */
final class Patches {
    private final Outbox outbox;
    private final TaskLifecycle tasks;
    private final Dispatcher dispatcher;
    private final DurabilityGate gate;

    Patches(CoreContext core, TaskLifecycle tasks, Dispatcher dispatcher, DurabilityGate gate) {
        this.outbox = core.outbox();
        this.tasks = tasks;
        this.dispatcher = dispatcher;
        this.gate = gate;
    }

    void patch(PatchRequested requested) {
        TaskState task = tasks.find(requested.task());
        if (task == null || !task.isOpen()) {
            String message = "task " + requested.task() + " has ended; only an unfinished task can be changed";
            answer(requested, Refusal.of(Refusal.Kind.CONFLICT, message));
            return;
        }
        Refusal refusal = tasks.mayBePatched(task, requested.sizeBytes());
        if (refusal != null) {
            answer(requested, refusal);
            return;
        }
        apply(task, task.spec.patched(requested.patch()));
        long commit = gate.persist(new Change.TaskPatched(requested.task(), requested.patch()));
        gate.afterCommit(commit, () -> answer(requested, null));
    }

    private void apply(TaskState task, TaskSpec patched) {
        boolean becomesPaused = patched.paused() && !task.spec.paused();
        if (patched.priority() != task.spec.priority()) {
            dispatcher.reprioritize(task, patched);
        }
        task.spec = patched;
        if (becomesPaused) {
            takeBack(task);
        }
        dispatcher.refresh(task);
    }

    /** What workers hold of the task and have not started is asked back, once; what they run goes on. */
    private void takeBack(TaskState task) {
        for (Lease lease : List.copyOf(task.leases.values())) {
            long unstarted = lease.worker.unstarted(lease);
            if (!lease.isAssigned) {
                lease.cancel(outbox); // Its payloads are being made: it ends when they are there.
            } else if (unstarted > 0) {
                lease.revoke(lease.fromLast(unstarted), outbox);
            }
        }
    }

    private void answer(PatchRequested requested, @Nullable Refusal refusal) {
        outbox.emit(new Effect.PatchAnswered(requested.request(), requested.task(), refusal));
    }
}
