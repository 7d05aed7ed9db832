package io.divvy.worker;

import io.divvy.guard.Failure;
import io.divvy.protocol.ToWorker.TaskDescription;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes ready what a worker needs of a task's type before its first subtask. The thread that reads the connection waits for
 * that: so where the code does not return soon, the task does without it, and its payloads come from the server.
 */
final class TaskPreparation {
    private static final Logger LOG = LoggerFactory.getLogger(TaskPreparation.class);
    /** A split is cheap, and the leases of all other tasks wait behind it. */
    private static final long LONGEST_MS = 1_000;
    /** After so many that took longer, a type is not asked any more: each may have cost a thread. */
    private static final int MOST_LATE = 3;

    private final Consumer<Failure> doubt;
    private final Map<String, Integer> late = new ConcurrentHashMap<>();

    /** @param doubt hears of a failure of a type's code that puts this whole process in doubt */
    TaskPreparation(Consumer<Failure> doubt) {
        this.doubt = doubt;
    }

    WorkerTask prepare(TaskDescription description, TaskType type) {
        if (TaskTypes.isBuiltin(type)) {
            return WorkerTask.deriving(description, type, doubt);
        }
        String name = description.taskType();
        if (late.getOrDefault(name, 0) >= MOST_LATE) {
            return WorkerTask.withoutDeriving(description, type);
        }
        FutureTask<WorkerTask> task = new FutureTask<>(() -> WorkerTask.deriving(description, type, doubt));
        Thread thread = new Thread(task, "divvy-split-" + name);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(LONGEST_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            int times = late.merge(name, 1, Integer::sum);
            LOG.warn(
                    "task {}: this worker's {} did not split it within {} ms; it needs payloads{}",
                    description.taskId(),
                    name,
                    LONGEST_MS,
                    times < MOST_LATE ? "" : ", from now on for all tasks of that type");
        } catch (ExecutionException e) {
            LOG.warn("task {}: this worker's {} cannot be asked: {}", description.taskId(), name, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        task.cancel(true);
        return WorkerTask.withoutDeriving(description, type);
    }
}
