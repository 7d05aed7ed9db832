package io.divvy.store;

import io.divvy.state.TaskSnapshot;

/**
 * A task that was submitted.
 *
 * @param object what was submitted, as JSON: what is needed to go on with the task after a restart
 */
public record NewTask(TaskSnapshot task, TaskNotes notes, byte[] object) {}
