package io.divvy.cli;

import io.divvy.protocol.Progress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How far a task is, on stderr: one line that changes if that is a terminal, else a line from time to time. */
final class ProgressLine implements AutoCloseable {
    private static final long UPDATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How often there is a line where there is no terminal. */
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int BAR_CHARS = 20;

    private final String title;
    private final boolean isInteractive = Terminal.isInteractive();
    private final Rate rate = new Rate();
    private @Nullable StatusLine line;
    private String more = "";
    private final long startNanos = System.nanoTime();
    private long lastNanos = startNanos;
    private boolean closed;

    ProgressLine(String title) {
        this.title = title;
    }

    boolean isInteractive() {
        return isInteractive;
    }

    synchronized void update(Progress progress) {
        if (closed) {
            return;
        }
        long nowNanos = System.nanoTime();
        rate.add(nowNanos, progress.done());
        boolean isDue = nowNanos - lastNanos >= (isInteractive ? UPDATE_NANOS : LINE_NANOS);
        if (isInteractive && (line == null || isDue)) {
            lastNanos = nowNanos;
            show(progress);
        } else if (!isInteractive && isDue) {
            lastNanos = nowNanos;
            System.err.println("divvy: " + title + ": " + text(progress));
        }
    }

    /** What else is known of the task, for instance how many workers it has; shown from now on. */
    synchronized void add(String text) {
        more = text.isEmpty() ? "" : ", " + text;
    }

    private void show(Progress progress) {
        if (line == null) {
            line = new StatusLine(System.err);
        }
        line.show(title + " " + bar(progress) + " " + text(progress));
    }

    /** In figures: {@code 40 of 100 subtasks, 40 %, 12/s, 5s left, 2 failed}, and how long it took in the end. */
    private String text(Progress progress) {
        long ended = progress.done() + progress.failed();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%,d of %,d subtasks, %d %%", progress.done(), progress.total(), percent(progress)));
        if (ended == progress.total()) {
            text.append(String.format(
                    Locale.ROOT, ", %.1f s", (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1)));
        } else {
            text.append(", ").append(rate.text());
        }
        if (ended < progress.total() && rate.perSecond() > 0) {
            long leftS = (long) Math.ceil((progress.total() - ended) / rate.perSecond());
            text.append(", ").append(ListOptions.age(Duration.ofSeconds(leftS))).append(" left");
        }
        if (progress.failed() > 0) {
            text.append(String.format(Locale.ROOT, ", %,d failed", progress.failed()));
        }
        return text.append(more).toString();
    }

    private static int percent(Progress progress) {
        return progress.total() == 0 ? 100 : (int) (100.0 * (progress.done() + progress.failed()) / progress.total());
    }

    private static String bar(Progress progress) {
        int full = percent(progress) * BAR_CHARS / 100;
        return "[" + "#".repeat(full) + ".".repeat(BAR_CHARS - full) + "]";
    }

    /** All is done but what failed. Of the last subtasks, or of a short task at all, there may have been no report. */
    synchronized void complete(long total, long failed) {
        if (isInteractive && !closed) {
            Progress.Draft whole = new Progress.Draft(total);
            whole.failed = failed;
            whole.done = total - whole.failed;
            show(whole.finish());
        }
        close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (line != null) {
            line.close();
            line = null;
        }
    }
}
