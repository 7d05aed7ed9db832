package io.divvy.scheduler;

import io.divvy.state.TaskId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections that ended as if their worker had died. It may come back and say that it is the same instance; then it was not
 * its death. Of each worker name the last such loss is known, for {@link Limits#LOSS_REMEMBERED_MS}, of
 * {@link Limits#quarantineNames} names with {@link Limits#lostSubtasks} subtasks at most: of more, those that came last.
 */
final class Losses {
    private final Limits limits;
    /** The oldest first. */
    private final Map<WorkerIdentity, Loss> byWorker = new LinkedHashMap<>();

    private int subtasks;

    Losses(Limits limits) {
        this.limits = limits;
    }

    /**
     * A subtask that is suspected because of a loss. Not the task itself, which may end and be large.
     *
     * @param wasAlone whether it was all that the worker ran
     * @param isFirst whether it had not gone wrong with that worker before
     */
    record Suspect(TaskId task, long index, boolean wasAlone, boolean isFirst) {}

    private record Loss(String instance, long atMs, List<Suspect> suspects) {}

    /** The worker is gone; what is known of its name from before is not its last loss any more. */
    void add(WorkerView worker, List<Suspect> suspects, long nowMs) {
        forget(worker.identity);
        String instance = worker.instance;
        if (instance == null) {
            return;
        }
        byWorker.put(worker.identity, new Loss(instance, nowMs, suspects));
        subtasks += suspects.size();
        Iterator<Loss> oldest = byWorker.values().iterator();
        while (byWorker.size() > limits.quarantineNames() || subtasks > limits.lostSubtasks()) {
            Loss dropped = oldest.next();
            oldest.remove();
            subtasks -= dropped.suspects.size();
        }
    }

    void forget(WorkerIdentity worker) {
        Loss loss = byWorker.remove(worker);
        if (loss != null) {
            subtasks -= loss.suspects.size();
        }
    }

    /** What is suspected because this worker was lost, if it is the one that was lost last under its name; or null. */
    @Nullable
    List<Suspect> take(WorkerView worker, long nowMs) {
        Loss loss = byWorker.get(worker.identity);
        if (loss == null || !loss.instance.equals(worker.instance) || nowMs - loss.atMs > Limits.LOSS_REMEMBERED_MS) {
            return null;
        }
        forget(worker.identity);
        return loss.suspects;
    }

    /** How many names it knows something of. For tests. */
    int names() {
        return byWorker.size();
    }
}
