package io.divvy.state;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to change of an unfinished task. What is null stays as it is.
 *
 * @param priority higher first
 * @param labels all that the task has from then on
 */
public record TaskPatch(
        @Nullable Integer priority, @Nullable Map<String, String> labels) {

    /** This one and then another, as one. */
    public TaskPatch then(TaskPatch later) {
        return new TaskPatch(
                later.priority == null ? priority : later.priority, later.labels == null ? labels : later.labels);
    }
}
