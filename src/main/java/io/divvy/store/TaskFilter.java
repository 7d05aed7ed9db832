package io.divvy.store;

import io.divvy.state.TaskSnapshot;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of a list somebody wants to see. What is null or empty does not filter.
 *
 * @param labels a task must have all of them, with these values
 */
public record TaskFilter(
        TaskSnapshot.@Nullable State state, @Nullable String type, Map<String, String> labels) {

    public static final TaskFilter ALL = new TaskFilter(null, null, Map.of());

    public boolean matches(TaskSnapshot task, TaskNotes notes) {
        return (state == null || state == task.state())
                && (type == null || type.equals(task.spec().type()))
                && notes.labels().entrySet().containsAll(labels.entrySet());
    }
}
