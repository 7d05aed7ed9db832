package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;

/** Does a whole range of subtasks at once, where that is cheaper than one after the other. */
@FunctionalInterface
public interface RangeFolder {
    /**
     * The combined result of the subtasks {@code from} to {@code to - 1}: the very value that {@link Combiner#toFolded}
     * gives once each of them was processed and added.
     *
     * @param subtasks what the type's own {@link TaskType#split} made
     * @param to above {@code from}
     * @param context its index is {@code from}
     */
    JsonNode foldRange(Subtasks subtasks, long from, long to, TaskContext context) throws Exception;
}
