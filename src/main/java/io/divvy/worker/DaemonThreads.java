package io.divvy.worker;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads that do not keep the process. */
final class DaemonThreads {
    private DaemonThreads() {}

    static ScheduledExecutorService scheduled(int count, String name) {
        return Executors.newScheduledThreadPool(count, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }
}
