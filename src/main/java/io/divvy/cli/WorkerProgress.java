package io.divvy.cli;

import io.divvy.worker.Activity;
import io.divvy.worker.Worker;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a worker does, in one line at the bottom of its terminal; nothing where nobody looks. */
final class WorkerProgress implements AutoCloseable {
    private static final long UPDATE_MS = 500;

    private final String name;
    private final Worker worker;
    /** Null where nobody looks. */
    private final @Nullable StatusLine line = Terminal.isInteractive() ? new StatusLine(System.err) : null;

    private final Rate rate = new Rate();
    private final Thread thread = new Thread(this::showAgainAndAgain, "divvy-worker-progress");

    private WorkerProgress(String name, Worker worker) {
        this.name = name;
        this.worker = worker;
    }

    /** For a worker that is about to run. */
    static WorkerProgress of(String name, Worker worker) {
        WorkerProgress progress = new WorkerProgress(name, worker);
        if (progress.line != null) {
            progress.thread.setDaemon(true);
            progress.thread.start();
        }
        return progress;
    }

    private void showAgainAndAgain() {
        try {
            while (true) {
                show();
                Thread.sleep(UPDATE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The worker has ended.
        }
    }

    private synchronized void show() {
        if (line != null) {
            Activity activity = worker.activity();
            rate.add(System.nanoTime(), activity.done());
            line.show(text(activity));
        }
    }

    private String text(Activity activity) {
        String type = activity.taskType();
        return String.format(
                Locale.ROOT,
                "worker %s: %d of %d slots busy%s, %s, %,d done, %,d failed",
                name,
                activity.busySlots(),
                activity.slots(),
                type == null ? "" : " with " + type,
                rate.text(),
                activity.done(),
                activity.failed());
    }

    /** What it did in all stays there. */
    @Override
    public void close() {
        thread.interrupt();
        show();
        if (line != null) {
            line.close();
        }
    }
}
