package io.divvy.scheduler;

import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tasks and workers that a turn names: what it can have changed. */
final class Touched {
    private static final Set<Class<?>> LOOKED_INTO = Set.of(TaskId.class, WorkerId.class, TaskSpec.class, Change.class);

    /** What of a record may name one of these. */
    private static final ClassValue<List<Method>> NAMING = new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
            return Stream.of(type.getRecordComponents())
                    .filter(component -> LOOKED_INTO.contains(component.getType()))
                    .map(RecordComponent::getAccessor)
                    .toList();
        }
    };

    final Set<TaskId> tasks = new HashSet<>();
    final Set<WorkerId> workers = new HashSet<>();

    /** @param event null if time passed */
    Touched(@Nullable Event event, List<Effect> effects) {
        if (event != null) {
            addAllOf(event);
        }
        effects.forEach(this::addAllOf);
    }

    private void addAllOf(Object named) {
        for (Method component : NAMING.get(named.getClass())) {
            try {
                add(component.invoke(named));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a component of a record cannot be read: " + component, e);
            }
        }
    }

    private void add(@Nullable Object value) {
        if (value instanceof TaskId task) {
            tasks.add(task);
        } else if (value instanceof TaskSpec spec) {
            tasks.add(spec.id());
        } else if (value instanceof WorkerId worker) {
            workers.add(worker);
        } else if (value != null) {
            addAllOf(value);
        }
    }
}
