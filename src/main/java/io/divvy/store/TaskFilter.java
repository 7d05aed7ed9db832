package io.divvy.store;

import io.divvy.state.TaskSnapshot;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of a list somebody wants to see. What is null or empty does not filter.
 *
 * @param labels a task must have all of them, with these values
 * @param idEnd how its id must end
 */
public record TaskFilter(
        TaskSnapshot.@Nullable State state,
        @Nullable String type,
        Map<String, String> labels,
        @Nullable String idEnd) {

    public static final TaskFilter ALL = new TaskFilter(null, null, Map.of());

    public TaskFilter(TaskSnapshot.@Nullable State state, @Nullable String type, Map<String, String> labels) {
        this(state, type, labels, null);
    }

    /** The tasks whose ids end like this. */
    public static TaskFilter ofIdEnd(String idEnd) {
        return new TaskFilter(null, null, Map.of(), idEnd);
    }

    public boolean matches(TaskSnapshot task, TaskNotes notes) {
        return (state == null || state == task.state())
                && (type == null || type.equals(task.spec().type()))
                && (idEnd == null || task.spec().id().value().endsWith(idEnd))
                && notes.labels().entrySet().containsAll(labels.entrySet());
    }
}
