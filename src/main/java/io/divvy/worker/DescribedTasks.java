package io.divvy.worker;

import io.divvy.protocol.ToWorker;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server said of its tasks over one connection. A task is split here once a lease of it comes without payloads: one
 * that brought its own cannot be split, and its description does not tell. Of the thread that reads the connection.
 */
final class DescribedTasks {
    /** A task of a type that is here, and that is not split yet. */
    private record Unsplit(ToWorker.TaskDescription description, TaskType type) {}

    private final TaskTypes types;
    private final Workshop workshop;
    private final Map<String, Unsplit> unsplit = new HashMap<>();

    DescribedTasks(TaskTypes types, Workshop workshop) {
        this.types = types;
        this.workshop = workshop;
    }

    /** The task, to be done with payloads from the server; null if its type is not here. */
    @Nullable
    WorkerTask add(ToWorker.TaskDescription description) {
        TaskType type = types.find(description.taskType());
        if (type == null) {
            return null;
        }
        unsplit.put(description.taskId(), new Unsplit(description, type));
        return WorkerTask.withoutDeriving(description, type);
    }

    /** The task with the payloads that its type makes of it here, at the first call; null at others. Runs the type's code. */
    @Nullable
    WorkerTask split(String taskId) {
        Unsplit task = unsplit.remove(taskId);
        return task == null ? null : workshop.prepare(task.description, task.type);
    }

    void forget(String taskId) {
        unsplit.remove(taskId);
    }
}
