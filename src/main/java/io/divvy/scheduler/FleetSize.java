package io.divvy.scheduler;

import java.util.HashMap;
import java.util.Map;

/** How many connected workers take each type of task. */
final class FleetSize {
    private final Map<String, Integer> byType = new HashMap<>();
    private int ofAnyType;

    void add(WorkerView worker) {
        change(worker, 1);
    }

    void remove(WorkerView worker) {
        change(worker, -1);
    }

    private void change(WorkerView worker, int by) {
        if (worker.taskTypes == null) {
            ofAnyType += by;
        } else {
            for (String type : worker.taskTypes) {
                byType.merge(type, by, (one, other) -> one + other == 0 ? null : one + other);
            }
        }
    }

    int thatTake(String taskType) {
        return byType.getOrDefault(taskType, 0) + ofAnyType;
    }
}
