package io.divvy.scheduler;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Workers that would take a lease if there were one for them; who rests the longest is woken first. */
final class RestingWorkers {
    /** Resting workers that are looked at for an idle slot: the others will come to rest again. */
    private static final int LOOKED_AT = 64;

    /** The same for one whose death would tell: new workers may rest in front of it. */
    private static final int LOOKED_AT_FOR_TRIAL = 256;

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

    /** One that takes the type and that the condition holds for, among those that rest the longest; or null. */
    @Nullable
    WorkerView find(String taskType, Predicate<WorkerView> condition) {
        WorkerView found = find(byType.getOrDefault(taskType, Set.of()), condition);
        return found == null ? find(ofAnyType, condition) : found;
    }

    @Nullable
    private static WorkerView find(Set<WorkerView> candidates, Predicate<WorkerView> condition) {
        int looked = 0;
        for (WorkerView worker : candidates) {
            if (condition.test(worker)) {
                return worker;
            }
            if (++looked == LOOKED_AT_FOR_TRIAL) {
                return null;
            }
        }
        return null;
    }

    /** One with an idle slot that takes the type, other than {@code but}, among those that rest the longest; or null. */
    @Nullable
    WorkerView findIdle(String taskType, WorkerView but) {
        WorkerView found = findIdle(byType.getOrDefault(taskType, Set.of()), but);
        return found == null ? findIdle(ofAnyType, but) : found;
    }

    @Nullable
    private static WorkerView findIdle(Set<WorkerView> candidates, WorkerView but) {
        int looked = 0;
        for (WorkerView worker : candidates) {
            if (worker != but && worker.idleSlots() > 0) {
                return worker;
            }
            if (++looked == LOOKED_AT) {
                return null;
            }
        }
        return null;
    }
}
