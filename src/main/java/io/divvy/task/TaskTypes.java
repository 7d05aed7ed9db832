package io.divvy.task;

import io.divvy.task.builtin.Mandelbrot;
import io.divvy.task.builtin.MonteCarloPi;
import io.divvy.task.builtin.PrimeCount;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.task.builtin.WordCount;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The task types that are there, by name. */
public final class TaskTypes {
    private static final String NAME_PATTERN = "[A-Za-z0-9._-]{1,100}";

    private static final List<TaskType> BUILTIN =
            List.of(new SumOfSquares(), new PrimeCount(), new MonteCarloPi(), new WordCount(), new Mandelbrot());

    private final Map<String, TaskType> byName = new LinkedHashMap<>();

    public TaskTypes(Collection<? extends TaskType> types) {
        for (TaskType type : types) {
            String name = nameOf(type);
            TaskType other = byName.putIfAbsent(name, type);
            if (other != null) {
                throw new IllegalArgumentException("two task types are named " + name + ": "
                        + other.getClass().getName() + " and " + type.getClass().getName());
            }
        }
    }

    /** Asked for once: it may say something else the next time. */
    private static String nameOf(TaskType type) {
        String name;
        try {
            name = type.name();
        } catch (Throwable e) {
            throw new IllegalArgumentException(
                    "the task type " + type.getClass().getName() + " has no name: name() threw "
                            + e.getClass().getName(),
                    e);
        }
        if (name == null || !name.matches(NAME_PATTERN)) {
            throw new IllegalArgumentException("the task type "
                    + type.getClass().getName() + " is named \"" + name + "\"; expected 1 to 100 of A-Z a-z 0-9 . _ -");
        }
        return name;
    }

    /** Those that ship. */
    public static TaskTypes builtin() {
        return new TaskTypes(BUILTIN);
    }

    /** Whether the type is one of those that ship, whose code is known to be quick and to do no harm. */
    public static boolean isBuiltin(TaskType type) {
        return BUILTIN.stream().anyMatch(known -> known.getClass() == type.getClass());
    }

    /**
     * Those that ship, and those of all jars on the class path that name theirs in {@code
     * META-INF/services/io.divvy.task.TaskType}.
     *
     * @throws java.util.ServiceConfigurationError if one that is named there cannot be made; the message says which
     */
    public static TaskTypes installed() {
        return new TaskTypes(ServiceLoader.load(TaskType.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
    }

    public @Nullable TaskType find(String name) {
        return byName.get(name);
    }

    /** That of a type, which may be code of somebody else; JSON if there is no such type here. */
    public String answerMediaType(String name) {
        TaskType type = find(name);
        return type == null ? "application/json" : type.answerMediaType();
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** In the order in which they were given. */
    public Collection<TaskType> all() {
        return Collections.unmodifiableCollection(byName.values());
    }
}
