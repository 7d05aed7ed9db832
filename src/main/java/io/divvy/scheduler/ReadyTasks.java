package io.divvy.scheduler;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of which a lease can be cut now, in the order in which they are served: higher priority first, among equals
 * the one that got the least worker time, then the one that was submitted first.
 */
final class ReadyTasks {
    private static final Comparator<TaskState> SERVICE_ORDER = Comparator.comparingInt(
                    (TaskState task) -> -task.spec.priority())
            .thenComparingDouble(task -> task.serviceMs)
            .thenComparingLong(task -> task.sequence);

    private final TreeSet<TaskState> all = new TreeSet<>(SERVICE_ORDER);
    private final Map<String, TreeSet<TaskState>> byType = new HashMap<>();
    /** What the tasks that are served now got so far: a newcomer starts from here, not from nothing. */
    private double servedMs;

    /** The task must not be in here. */
    void add(TaskState task) {
        if (task.serviceMs == 0) {
            task.serviceMs = servedMs;
        }
        task.inReadyTasks = true;
        all.add(task);
        byType.computeIfAbsent(task.spec.type(), type -> new TreeSet<>(SERVICE_ORDER))
                .add(task);
    }

    void remove(TaskState task) {
        if (!task.inReadyTasks) {
            return;
        }
        task.inReadyTasks = false;
        all.remove(task);
        String type = task.spec.type();
        TreeSet<TaskState> sameType = byType.get(type);
        sameType.remove(task);
        if (sameType.isEmpty()) {
            byType.remove(type);
        }
    }

    /** Adds to what a task got. The task must not be in here: its place depends on it. */
    void charge(TaskState task, double serviceMs) {
        servedMs = Math.max(servedMs, task.serviceMs);
        task.serviceMs += serviceMs;
    }

    /** What the worker should get next, or null. */
    @Nullable
    TaskState firstFor(WorkerView worker) {
        if (worker.taskTypes == null) {
            return all.isEmpty() ? null : all.first();
        }
        TaskState best = null;
        for (String type : worker.taskTypes) {
            TreeSet<TaskState> tasks = byType.get(type);
            if (tasks != null && (best == null || SERVICE_ORDER.compare(tasks.first(), best) < 0)) {
                best = tasks.first();
            }
        }
        return best;
    }
}
