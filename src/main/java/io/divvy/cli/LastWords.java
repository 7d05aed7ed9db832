package io.divvy.cli;

import org.jspecify.annotations.Nullable;

/**
 * What is said when somebody ends a wait by Ctrl-C: that the task goes on, and how to find it again. The process then ends with
 * {@link ExitCode#INTERRUPTED}, as the platform does after SIGINT.
 */
final class LastWords implements AutoCloseable {
    private final ProgressLine progress;
    private final Thread hook = new Thread(this::say, "divvy-last-words");
    private @Nullable String taskId;
    private boolean over;

    LastWords(ProgressLine progress) {
        this.progress = progress;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The task was accepted under this id. */
    synchronized void name(String id) {
        taskId = id;
    }

    private synchronized void say() {
        if (over) {
            return;
        }
        progress.close();
        System.err.println(
                taskId == null
                        ? "divvy: interrupted before the server had accepted the task"
                        : "task " + taskId + " goes on; \"divvy status " + taskId + "\" shows it, \"divvy cancel "
                                + taskId + "\" ends it");
    }

    /** The wait is over; nothing is left to be said. */
    @Override
    public void close() {
        synchronized (this) {
            over = true;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process ends already. The hook runs, or has run, and says nothing from now on.
        }
    }
}
