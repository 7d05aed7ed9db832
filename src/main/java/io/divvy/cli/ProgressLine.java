package io.divvy.cli;

import io.divvy.protocol.Progress;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a task is, on stderr: a bar if that is a terminal, else a line from time to time. */
final class ProgressLine implements AutoCloseable {
    private static final int UPDATE_MS = 100;
    /** How often there is a line where there is no terminal. */
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String title;
    private final boolean isInteractive = Terminal.isInteractive();
    private final boolean hasColors = System.getenv("NO_COLOR") == null;
    private @Nullable ProgressBar bar;
    private long lastLineNanos = System.nanoTime();
    private boolean closed;

    ProgressLine(String title) {
        this.title = title;
    }

    synchronized void update(Progress progress) {
        if (closed) {
            return;
        }
        if (!isInteractive) {
            printLine(progress);
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(title)
                    .setInitialMax(progress.total())
                    .setUpdateIntervalMillis(UPDATE_MS)
                    .setStyle(hasColors ? ProgressBarStyle.COLORFUL_UNICODE_BAR : ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .showSpeed()
                    .build();
        }
        bar.stepTo(progress.done() + progress.failed());
        if (progress.failed() > 0) {
            bar.setExtraMessage(" " + progress.failed() + " failed");
        }
    }

    private void printLine(Progress progress) {
        long nowNanos = System.nanoTime();
        if (nowNanos - lastLineNanos >= LINE_NANOS) {
            lastLineNanos = nowNanos;
            System.err.println("divvy: " + title + ": " + progress.done() + " of " + progress.total()
                    + " subtasks done"
                    + (progress.failed() > 0 ? ", " + progress.failed() + " failed" : ""));
        }
    }

    /** The task is completed: of the last subtasks there may have been no report. */
    synchronized void complete() {
        if (bar != null) {
            bar.stepTo(bar.getMax());
        }
        close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
