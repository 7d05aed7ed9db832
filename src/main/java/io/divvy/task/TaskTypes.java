package io.divvy.task;

import io.divvy.task.builtin.SumOfSquares;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The task types that are there, by name. */
public final class TaskTypes {
    private final Map<String, TaskType> byName = new LinkedHashMap<>();

    public TaskTypes(Collection<? extends TaskType> types) {
        for (TaskType type : types) {
            TaskType other = byName.putIfAbsent(type.name(), type);
            if (other != null) {
                throw new IllegalArgumentException("two task types are named " + type.name() + ": "
                        + other.getClass().getName() + " and " + type.getClass().getName());
            }
        }
    }

    /** Those that ship. */
    public static TaskTypes builtin() {
        return new TaskTypes(List.of(new SumOfSquares()));
    }

    public @Nullable TaskType find(String name) {
        return byName.get(name);
    }

    public Set<String> names() {
        return byName.keySet();
    }
}
