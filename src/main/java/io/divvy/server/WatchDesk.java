package io.divvy.server;

import io.divvy.net.Timeline;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Progress;
import io.divvy.protocol.RefusedException;
import io.divvy.scheduler.Event;
import io.divvy.server.session.TaskWatcher;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import io.divvy.store.TaskStore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who waits to hear of which task, and how they hear of it. On the loop. */
final class WatchDesk {
    private static final long BUSY_RETRY_MS = 1_000;

    private final SchedulerDriver driver;
    private final TaskStore store;
    private final TaskWatchers watchers;
    private final Timer timer;

    /** Does something at a time, unless it is cancelled before. */
    interface Timer {
        Timeline.Scheduled schedule(long dueMs, Runnable action);
    }

    WatchDesk(SchedulerDriver driver, TaskStore store, TaskWatchers watchers, Timer timer) {
        this.driver = driver;
        this.store = store;
        this.watchers = watchers;
        this.timer = timer;
    }

    /** Who waits for what, and what waits for its turn because of that. */
    TaskWatchers watchers() {
        return watchers;
    }

    /** Does something later for one that waits, unless it is cancelled before. */
    Timeline.Scheduled after(long ms, Runnable action) {
        return timer.schedule(driver.nowMs() + ms, action);
    }

    void watch(TaskId id, TaskWatcher watcher, Consumer<Boolean> exists, Consumer<RefusedException> refused) {
        RefusedException busy = roomToWatch(id);
        if (busy != null) {
            refused.accept(busy);
        } else {
            watchInAnyCase(id, watcher, exists, refused);
        }
    }

    /** The same for one that waits for a moment only, as the task is ended, and makes room thereby. */
    void watchInAnyCase(TaskId id, TaskWatcher watcher, Consumer<Boolean> exists, Consumer<RefusedException> refused) {
        if (driver.scheduler().find(id) == null) {
            store.findFinished(
                    id,
                    watcher.longestResultBytes(),
                    stored -> watcher.tell(() -> {
                        exists.accept(stored.isPresent());
                        stored.ifPresent(watcher::onEnd);
                    }),
                    failure -> refused.accept(Refusals.of(failure)));
            return;
        }
        watchers.add(id, watcher);
        exists.accept(true);
        if (watcher.wantsProgress()) {
            wantProgress(id, watcher);
        }
    }

    private @Nullable RefusedException roomToWatch(TaskId id) {
        return watchers.hasRoom(id)
                ? null
                : new RefusedException(
                        ErrorCode.BUSY,
                        "as many wait for unfinished tasks as the server has memory for (" + watchers.count()
                                + "); try again, or ask for the task's status now and then",
                        BUSY_RETRY_MS);
    }

    void wantProgress(TaskId id, TaskWatcher watcher) {
        watchers.addToProgress(id, watcher);
        driver.handle(new Event.ProgressWanted(id, true));
    }

    void unwatch(TaskId id, TaskWatcher watcher) {
        if (watchers.remove(id, watcher)) {
            driver.handle(new Event.ProgressWanted(id, false));
        }
    }

    /** The task is not wanted any more; its watchers hear of its end. */
    void cancel(TaskId id) {
        driver.handle(new Event.CancelRequested(id));
    }

    void progressed(TaskId id, Progress progress) {
        watchers.ofProgress(id).forEach(watcher -> watcher.tell(() -> watcher.onProgress(id.value(), progress)));
    }

    void ended(StoredTask stored) {
        TaskId id = stored.task().spec().id();
        watchers.removeAll(id).forEach(watcher -> watcher.tell(() -> watcher.onEnd(stored)));
    }
}
