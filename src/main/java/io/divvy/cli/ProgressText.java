package io.divvy.cli;

import io.divvy.protocol.Progress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How far a task is, in words: {@code 40 of 100 subtasks, 40 %, 12/s, 5s left, 2 failed, 3 retried, 4 workers}. */
final class ProgressText {
    private static final int BAR_CHARS = 20;

    private final Rate rate = new Rate();
    private final long startNanos;
    private long retries;
    private int workers;

    ProgressText(long nowNanos) {
        this.startNanos = nowNanos;
    }

    void add(long nowNanos, Progress progress) {
        rate.add(nowNanos, progress.done());
    }

    void setRetries(long retries) {
        this.retries = retries;
    }

    /** @param workers how many run some of it; 0 if that is not known */
    void setWorkers(int workers) {
        this.workers = workers;
    }

    /** Of what has ended, how long it took. */
    String of(long nowNanos, Progress progress) {
        long ended = progress.done() + progress.failed();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%,d of %,d subtasks, %d %%", progress.done(), progress.total(), percent(progress)));
        if (ended == progress.total()) {
            text.append(String.format(
                    Locale.ROOT, ", %.1f s", (nowNanos - startNanos) / (double) TimeUnit.SECONDS.toNanos(1)));
        } else {
            text.append(", ").append(rate.text());
        }
        if (ended < progress.total() && rate.perSecond() > 0) {
            long leftS = (long) Math.ceil((progress.total() - ended) / rate.perSecond());
            text.append(", ").append(ListOptions.age(Duration.ofSeconds(leftS))).append(" left");
        }
        addCount(text, progress.failed(), "failed");
        addCount(text, retries, "retried");
        addCount(text, workers, workers == 1 ? "worker" : "workers");
        return text.toString();
    }

    private static void addCount(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(String.format(Locale.ROOT, ", %,d %s", count, what));
        }
    }

    private static int percent(Progress progress) {
        return progress.total() == 0 ? 100 : (int) (100.0 * (progress.done() + progress.failed()) / progress.total());
    }

    static String bar(Progress progress) {
        int full = percent(progress) * BAR_CHARS / 100;
        return "[" + "#".repeat(full) + ".".repeat(BAR_CHARS - full) + "]";
    }
}
