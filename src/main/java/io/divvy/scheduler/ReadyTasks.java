package io.divvy.scheduler;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of which a lease can be cut now, in the order in which they are served: higher priority first, among equals
 * the one that got the least worker time, then the one that was submitted first.
 */
final class ReadyTasks {
    private static final Comparator<TaskState> SERVICE_ORDER = Comparator.comparingInt(
                    (TaskState task) -> task.spec.priority())
            .reversed()
            .thenComparingDouble(task -> task.serviceMs)
            .thenComparingLong(task -> task.sequence);

    private final TreeSet<TaskState> all = new TreeSet<>(SERVICE_ORDER);
    /** For each type of which there are open tasks. */
    private final Map<String, Line> byType = new HashMap<>();

    private final Map<Integer, Double> servedMs = new HashMap<>();

    /** The tasks of one type. */
    private static final class Line {
        final TreeSet<TaskState> ready = new TreeSet<>(SERVICE_ORDER);
        /**
         * By priority, what the task that was served last had got by then: a newcomer starts from here. From nothing it
         * would hold up all others until it caught up with them; from more it would wait until they caught up with it.
         */
        final Map<Integer, Double> servedMs = new HashMap<>();
        /** Those that are not ready now too. */
        int open;
    }

    /** Gives the task a share of the service, if it has none. */
    void enter(TaskState task) {
        Line line = byType.computeIfAbsent(task.spec.type(), type -> new Line());
        if (!task.isServed) {
            task.isServed = true;
            line.open++;
            int priority = task.spec.priority();
            task.serviceMs = line.servedMs.getOrDefault(priority, servedMs.getOrDefault(priority, 0.0));
        }
    }

    /** The task must not be in here. */
    void add(TaskState task) {
        enter(task);
        task.inReadyTasks = true;
        all.add(task);
        line(task).ready.add(task);
    }

    void remove(TaskState task) {
        if (!task.inReadyTasks) {
            return;
        }
        task.inReadyTasks = false;
        all.remove(task);
        line(task).ready.remove(task);
    }

    /** The task never comes back. */
    void end(TaskState task) {
        remove(task);
        if (task.isServed && --line(task).open == 0) {
            byType.remove(task.spec.type());
        }
    }

    /** Adds to what a task got. The task must not be in here: its place depends on it. */
    void charge(TaskState task, double serviceMs) {
        servedMs.put(task.spec.priority(), task.serviceMs);
        line(task).servedMs.put(task.spec.priority(), task.serviceMs);
        task.serviceMs += serviceMs;
    }

    private Line line(TaskState task) {
        return Objects.requireNonNull(
                byType.get(task.spec.type()), "a task that was ready once is in line until it ends");
    }

    /** All of them, those first that are served first. */
    Iterable<TaskState> inOrder() {
        return all;
    }

    /** What the worker should get next, or null. */
    @Nullable
    TaskState firstFor(WorkerView worker) {
        if (worker.taskTypes == null) {
            return all.isEmpty() ? null : all.first();
        }
        TaskState best = null;
        for (String type : worker.taskTypes) {
            Line line = byType.get(type);
            if (line != null
                    && !line.ready.isEmpty()
                    && (best == null || SERVICE_ORDER.compare(line.ready.first(), best) < 0)) {
                best = line.ready.first();
            }
        }
        return best;
    }
}
