package io.divvy.cli;

import io.divvy.protocol.Progress;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on stderr, if that is a terminal; else nothing. */
final class ProgressLine implements AutoCloseable {
    private static final int UPDATE_MS = 100;

    private final String title;
    private @Nullable ProgressBar bar;
    private boolean closed;

    ProgressLine(String title) {
        this.title = title;
    }

    synchronized void update(Progress progress) {
        if (closed || !Terminal.isInteractive()) {
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(title)
                    .setInitialMax(progress.total())
                    .setUpdateIntervalMillis(UPDATE_MS)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BAR)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
        }
        bar.stepTo(progress.done() + progress.failed());
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
