package io.divvy.scheduler;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Workers by the task types that they take, in the order in which they were added. */
final class WorkersByType {
    private final Map<String, Set<WorkerView>> byType = new HashMap<>();
    private final Set<WorkerView> ofAnyType = new LinkedHashSet<>();

    boolean isEmpty() {
        return byType.isEmpty() && ofAnyType.isEmpty();
    }

    void add(WorkerView worker) {
        if (worker.taskTypes == null) {
            ofAnyType.add(worker);
        } else {
            for (String type : worker.taskTypes) {
                byType.computeIfAbsent(type, t -> new LinkedHashSet<>()).add(worker);
            }
        }
    }

    void remove(WorkerView worker) {
        if (worker.taskTypes == null) {
            ofAnyType.remove(worker);
        } else {
            for (String type : worker.taskTypes) {
                Set<WorkerView> sameType = byType.get(type);
                if (sameType != null && sameType.remove(worker) && sameType.isEmpty()) {
                    byType.remove(type);
                }
            }
        }
    }

    /** The first that takes the type, of those that take nothing but named types if there are any; or null. */
    @Nullable
    WorkerView first(String taskType) {
        Set<WorkerView> candidates = byType.getOrDefault(taskType, ofAnyType);
        return candidates.isEmpty() ? null : candidates.iterator().next();
    }

    /** The first that takes the type and that the condition holds for, among the first {@code most}; or null. */
    @Nullable
    WorkerView find(String taskType, int most, Predicate<WorkerView> condition) {
        WorkerView found = find(byType.getOrDefault(taskType, Set.of()), most, condition);
        return found == null ? find(ofAnyType, most, condition) : found;
    }

    @Nullable
    private static WorkerView find(Set<WorkerView> candidates, int most, Predicate<WorkerView> condition) {
        int looked = 0;
        for (WorkerView worker : candidates) {
            if (condition.test(worker)) {
                return worker;
            }
            if (++looked == most) {
                return null;
            }
        }
        return null;
    }
}
