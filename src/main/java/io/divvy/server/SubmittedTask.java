package io.divvy.server;

import io.divvy.protocol.TaskView;
import java.util.function.Supplier;

/**
 * What became of a submission that was taken.
 *
 * @param isNew false if the same task had been submitted under the same key before
 * @param takenOver how many subtasks of a new task are done, as it is a rerun
 */
public record SubmittedTask(String id, Supplier<TaskView> task, boolean isNew, long takenOver) {}
