package io.divvy.client;

/** Somebody cancelled the task. */
public final class TaskCancelledException extends TaskFailedException {
    private static final long serialVersionUID = 1;

    TaskCancelledException(String taskId) {
        super("task " + taskId + " was cancelled", null);
    }
}
