package io.divvy.scheduler;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Workers that would take a lease if there were one for them; who rests the longest is woken first. */
final class RestingWorkers {
    private final Map<String, Set<WorkerView>> byType = new HashMap<>();
    private final Set<WorkerView> ofAnyType = new LinkedHashSet<>();

    void add(WorkerView worker) {
        worker.resting = true;
        if (worker.taskTypes == null) {
            ofAnyType.add(worker);
        } else {
            for (String type : worker.taskTypes) {
                byType.computeIfAbsent(type, t -> new LinkedHashSet<>()).add(worker);
            }
        }
    }

    void remove(WorkerView worker) {
        if (!worker.resting) {
            return;
        }
        worker.resting = false;
        if (worker.taskTypes == null) {
            ofAnyType.remove(worker);
        } else {
            for (String type : worker.taskTypes) {
                Set<WorkerView> resting = byType.get(type);
                if (resting != null && resting.remove(worker) && resting.isEmpty()) {
                    byType.remove(type);
                }
            }
        }
    }

    /** Wakes a worker that takes the type, those first that take nothing but named types; null if none rests. */
    @Nullable
    WorkerView wakeFor(String taskType) {
        Iterator<WorkerView> candidates =
                byType.getOrDefault(taskType, ofAnyType).iterator();
        if (!candidates.hasNext()) {
            return null;
        }
        WorkerView woken = candidates.next();
        remove(woken);
        return woken;
    }
}
