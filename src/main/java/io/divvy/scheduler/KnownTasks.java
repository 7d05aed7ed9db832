package io.divvy.scheduler;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tasks that one worker was told of and not to forget, and how it gets on with them and with their types. */
final class KnownTasks {
    /** Types of which its speed is known however short memory is. */
    private static final int PACES_KEPT = 8;

    private final int slots;
    private final WorkerRoom.Account room;
    private final Map<TaskState, Pace> tasks = new LinkedHashMap<>();
    /** Those of them that it cannot derive the payloads of. */
    private final Set<TaskState> declined = new HashSet<>();

    private final LastUsed<String, TypePace> paces = new LastUsed<>(Limits.REMEMBERED);

    KnownTasks(int slots, WorkerRoom.Account room) {
        this.slots = slots;
        this.room = room;
    }

    /** Makes a task known to it. Returns whether that is new. */
    boolean meet(TaskState task) {
        if (tasks.containsKey(task)) {
            return false;
        }
        tasks.put(task, newPace(task));
        room.change(WorkerRoom.KNOWN_TASK_BYTES);
        return true;
    }

    void forget(TaskState task) {
        if (tasks.remove(task) != null) {
            room.change(-WorkerRoom.KNOWN_TASK_BYTES);
        }
        declined.remove(task);
    }

    Iterable<TaskState> all() {
        return tasks.keySet();
    }

    /** Whether the worker holds nothing of a task that it knows, and could be told of it as if it were new. */
    boolean canForget(TaskState task) {
        Pace pace = tasks.get(task);
        return pace != null && pace.held() == 0 && !declined.contains(task);
    }

    /** Those that it was told of first, or looked at the longest ago to forget them. Each look is at others. */
    List<TaskState> pollOldest(int most) {
        List<TaskState> oldest = tasks.keySet().stream().limit(most).toList();
        for (TaskState task : oldest) {
            Pace pace = tasks.remove(task);
            if (pace != null) {
                tasks.put(task, pace);
            }
        }
        return oldest;
    }

    /** The worker cannot derive the payloads of the task. Returns whether that is new. */
    boolean decline(TaskState task) {
        return tasks.containsKey(task) && declined.add(task);
    }

    boolean isDeclined(TaskState task) {
        return declined.contains(task);
    }

    /** Begins to see how the worker gets on with the task, if that is not known yet; with one that it was not told of, anew. */
    Pace paceIn(TaskState task) {
        Pace pace = tasks.get(task);
        return pace == null ? newPace(task) : pace;
    }

    private Pace newPace(TaskState task) {
        TypePace ofType = paces.get(task.spec.type());
        if (ofType == null) {
            ofType = new TypePace(slots);
            int before = paces.size();
            paces.put(task.spec.type(), ofType);
            room.change((paces.size() - before) * WorkerRoom.PACE_BYTES);
        }
        return new Pace(ofType);
    }

    /** Milliseconds of this worker that a subtask of the type costs; 1 while that is not known. */
    double subtaskMs(String taskType) {
        TypePace pace = paces.get(taskType);
        return pace == null || pace.subtasksPerMs() <= 0 ? 1 : 1 / pace.subtasksPerMs();
    }

    /** Forgets how it gets on with the type that it had last of those that it knows, but for a few. */
    boolean forgetPace() {
        if (paces.size() <= PACES_KEPT) {
            return false;
        }
        paces.removeOldest();
        room.change(-WorkerRoom.PACE_BYTES);
        return true;
    }

    /** Of how many types it is known how the worker gets on with them. For tests. */
    int paces() {
        return paces.size();
    }

    /** What it takes in memory, counted anew. For checking invariants. */
    long countBytes() {
        return tasks.size() * WorkerRoom.KNOWN_TASK_BYTES + paces.size() * WorkerRoom.PACE_BYTES;
    }

    /** For checking invariants: what it keeps does not grow with the tasks that it ever saw. */
    boolean declinedOnlyKnownTasks() {
        return tasks.keySet().containsAll(declined);
    }
}
