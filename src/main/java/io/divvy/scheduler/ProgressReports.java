package io.divvy.scheduler;

import io.divvy.scheduler.Timers.Timer;
import org.jspecify.annotations.Nullable;

/** Tells how tasks go on that somebody watches, now and then. Nobody hears of a task before it is accepted. */
final class ProgressReports {
    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;

    /** Who hears of one task, and when. */
    static final class Watch {
        private boolean isWanted;
        private long lastMs = Long.MIN_VALUE / 2;
        private @Nullable Timer timer;

        /** How many timers run for it. For checking invariants. */
        int deadlines() {
            return timer == null ? 0 : 1;
        }
    }

    ProgressReports(CoreContext core) {
        this.limits = core.limits();
        this.timers = core.timers();
        this.outbox = core.outbox();
    }

    /** Who begins to watch hears at once: a task that waits or runs one long subtask may not move for hours. */
    void want(TaskState task, boolean wanted) {
        task.reports.isWanted = wanted;
        schedule(task);
    }

    /** The task moved: there may be something to report. */
    void schedule(TaskState task) {
        Watch watch = task.reports;
        if (watch.isWanted && watch.timer == null && task.acceptance.isAccepted() && task.isActive()) {
            long dueMs = Math.max(outbox.nowMs(), watch.lastMs + limits.progressIntervalMs());
            watch.timer = timers.schedule(dueMs, () -> report(task));
        }
    }

    private void report(TaskState task) {
        Watch watch = task.reports;
        watch.timer = null;
        if (watch.isWanted && task.isOpen()) {
            watch.lastMs = outbox.nowMs();
            outbox.emit(new Effect.ReportProgress(task.spec.id(), task.indexes.ledger()));
        }
    }

    /** The task ends. */
    void stop(TaskState task) {
        timers.cancel(task.reports.timer);
        task.reports.timer = null;
    }
}
