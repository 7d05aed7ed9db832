package io.divvy.state;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to change of an unfinished task. What is null stays as it is.
 *
 * @param priority higher first
 * @param labels all that the task has from then on
 * @param paused whether nothing more of it is leased
 */
public record TaskPatch(
        @Nullable Integer priority,
        @Nullable Map<String, String> labels,
        @Nullable Boolean paused) {

    public static final TaskPatch NONE = new TaskPatch(null, null, null);

    public static TaskPatch priority(int higherFirst) {
        return new TaskPatch(higherFirst, null, null);
    }

    public static TaskPatch labels(Map<String, String> all) {
        return new TaskPatch(null, all, null);
    }

    public static TaskPatch paused(boolean isPaused) {
        return new TaskPatch(null, null, isPaused);
    }

    /** This one and then another, as one. */
    public TaskPatch then(TaskPatch later) {
        return new TaskPatch(
                later.priority == null ? priority : later.priority,
                later.labels == null ? labels : later.labels,
                later.paused == null ? paused : later.paused);
    }
}
