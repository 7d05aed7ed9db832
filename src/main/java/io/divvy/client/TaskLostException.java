package io.divvy.client;

/**
 * The server does not know the task any more: it was started anew in the meantime and keeps tasks in memory only, or it
 * forgot the task because it ended long ago. Submit it again if its result is still wanted.
 */
public final class TaskLostException extends TaskFailedException {
    private static final long serialVersionUID = 1;

    TaskLostException(String server, String taskId) {
        super(
                "the server at " + server + " does not know task " + taskId
                        + " any more: it was restarted and keeps tasks"
                        + " in memory, or has forgotten a task that ended long ago; submit it again",
                null);
    }
}
