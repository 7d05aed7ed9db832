package io.divvy.cli;

import io.divvy.protocol.Progress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How far a task is, on stderr: one line that changes if that is a terminal, else a line from time to time. */
final class ProgressLine implements AutoCloseable {
    /** How often it changes at most. */
    private static final long UPDATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How often there is a line where there is no terminal. */
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How often it is looked whether one is due: there is no report where nothing happens. */
    private static final long LOOK_MS = 500;

    private final String title;
    private final boolean isInteractive;
    private final LongSupplier nanoClock;
    private final CountDownLatch closed = new CountDownLatch(1);
    // Guarded by this.
    private final ProgressText text;
    private @Nullable StatusLine line;
    private @Nullable Progress newest;
    private long lastNanos;
    private boolean saidSome;

    private ProgressLine(String title, boolean isInteractive, LongSupplier nanoClock) {
        this.title = title;
        this.isInteractive = isInteractive;
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong();
        this.text = new ProgressText(lastNanos);
    }

    static ProgressLine begin(String title) {
        return begin(title, Terminal.isInteractive(), System::nanoTime);
    }

    static ProgressLine begin(String title, boolean isInteractive, LongSupplier nanoClock) {
        ProgressLine progress = new ProgressLine(title, isInteractive, nanoClock);
        Thread thread = new Thread(progress::showAgainAndAgain, "divvy-progress");
        thread.setDaemon(true);
        thread.start();
        return progress;
    }

    private void showAgainAndAgain() {
        try {
            while (!closed.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
                showIfDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How often it is worth while to ask for more than reports have. */
    long askMs() {
        return isInteractive ? 2_000 : 8_000;
    }

    synchronized void update(Progress report) {
        newest = report;
        text.add(nanoClock.getAsLong(), report);
        if (isInteractive && line == null && !isClosed()) {
            show(report);
        } else {
            showIfDue();
        }
    }

    /** What else is known of the task; shown from now on. */
    synchronized void add(long retries, int workers) {
        text.setRetries(retries);
        text.setWorkers(workers);
    }

    /** Shows the newest report, if the one before was shown long enough ago. */
    synchronized void showIfDue() {
        long waitedNanos = nanoClock.getAsLong() - lastNanos;
        if (newest != null && !isClosed() && waitedNanos >= (isInteractive ? UPDATE_NANOS : LINE_NANOS)) {
            show(newest);
        }
    }

    private void show(Progress progress) {
        lastNanos = nanoClock.getAsLong();
        text.add(lastNanos, progress);
        String figures = text.of(lastNanos, progress);
        if (!isInteractive) {
            System.err.println("divvy: " + (title.isBlank() ? "" : title + ": ") + figures);
            saidSome = true;
            return;
        }
        if (line == null) {
            line = new StatusLine(System.err);
        }
        line.show(title + " " + ProgressText.bar(progress) + " " + figures);
    }

    /**
     * All is done but what failed. Of the last subtasks, or of a short task at all, there may have been no report. Where there is
     * no terminal, a task that was too short for a line has none now.
     */
    synchronized void complete(long total, long failed, long retries) {
        if (!isClosed() && (isInteractive || saidSome)) {
            Progress.Draft whole = new Progress.Draft(total);
            whole.failed = failed;
            whole.done = total - whole.failed;
            text.setRetries(retries);
            show(whole.finish());
        }
        close();
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        if (line != null) {
            line.close();
            line = null;
        }
    }
}
