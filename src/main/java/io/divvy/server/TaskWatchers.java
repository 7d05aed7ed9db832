package io.divvy.server;

import io.divvy.scheduler.TaskId;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who waits to hear of which unfinished task. Each change costs the same however many others wait for the same task. */
final class TaskWatchers {
    private final Map<TaskId, OfTask> byTask = new HashMap<>();
    private int count;

    private static final class OfTask {
        /** In the order in which they came; watchers are told apart by identity. */
        final Set<TaskWatcher> all = new LinkedHashSet<>(2);

        Set<TaskWatcher> ofProgress = Set.of();
    }

    void add(TaskId task, TaskWatcher watcher) {
        if (byTask.computeIfAbsent(task, id -> new OfTask()).all.add(watcher)) {
            count++;
        }
    }

    /** The watcher, which was added, wants to hear of progress too. */
    void addToProgress(TaskId task, TaskWatcher watcher) {
        OfTask watchers = byTask.get(task);
        if (watchers != null && watchers.all.contains(watcher)) {
            if (watchers.ofProgress.isEmpty()) {
                watchers.ofProgress = new LinkedHashSet<>(2);
            }
            watchers.ofProgress.add(watcher);
        }
    }

    /** Returns whether it was the last that wanted to hear of progress. */
    boolean remove(TaskId task, TaskWatcher watcher) {
        OfTask watchers = byTask.get(task);
        if (watchers == null || !watchers.all.remove(watcher)) {
            return false;
        }
        count--;
        if (watchers.all.isEmpty()) {
            byTask.remove(task);
        }
        return !watchers.ofProgress.isEmpty() && watchers.ofProgress.remove(watcher) && watchers.ofProgress.isEmpty();
    }

    /** Those who want to hear of progress; it does not change while they are told. */
    List<TaskWatcher> ofProgress(TaskId task) {
        OfTask watchers = byTask.get(task);
        return watchers == null ? List.of() : List.copyOf(watchers.ofProgress);
    }

    /** All who wait for the task, who are forgotten. */
    Set<TaskWatcher> removeAll(TaskId task) {
        OfTask watchers = byTask.remove(task);
        if (watchers == null) {
            return Collections.emptySet();
        }
        count -= watchers.all.size();
        return watchers.all;
    }

    int count() {
        return count;
    }
}
