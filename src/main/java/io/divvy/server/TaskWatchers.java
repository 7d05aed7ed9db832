package io.divvy.server;

import io.divvy.server.session.TaskWatcher;
import io.divvy.state.TaskId;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who waits to hear of which unfinished task, and answers that wait behind those of such a task. Each change costs the same
 * however many others wait for the same task.
 */
final class TaskWatchers {
    /**
     * What one takes who waits for a task that somebody waits for already, with its place in its session.
     * {@code OpenTaskBytesTest} measures it.
     */
    static final long WATCHER_BYTES = 300;

    private final long mostBytes;
    private final Map<TaskId, OfTask> byTask = new HashMap<>();
    private int count;
    private int heldAnswers;

    /** @param mostBytes that all but the first of each task may take, and the answers */
    TaskWatchers(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Whether one more may wait for the task: always for one that nobody waits for, which is charged for one. */
    boolean hasRoom(TaskId task) {
        return !byTask.containsKey(task) || hasRoom();
    }

    /** Whether one more may wait for a task that somebody waits for, or one more answer for its turn. */
    boolean hasRoom() {
        return (count - byTask.size() + heldAnswers + 1) * WATCHER_BYTES <= mostBytes;
    }

    /** A short answer waits for its turn, which comes once some task ends. */
    void holdAnswer() {
        heldAnswers++;
    }

    void letGoOfAnswers(int answers) {
        heldAnswers -= answers;
    }

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
        return count + heldAnswers;
    }
}
