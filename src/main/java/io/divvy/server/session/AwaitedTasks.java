package io.divvy.server.session;

import io.divvy.protocol.Progress;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.state.TaskId;
import io.divvy.store.StoredTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that a sender of protocol 2 waits for: until they end, or until those have ended that it cancels. However many of its
 * requests are about the same task, it hears of the end once, and after it was told that there is such a task.
 */
final class AwaitedTasks {
    /** Waiting bytes from which on there are no more progress reports: some hundred reports of a turn fit below it. */
    private static final long PROGRESS_BELOW_BYTES = 1 << 16;

    private final Session session;
    private final Runnable changed;
    /** Who waits in its name, by the unfinished task. */
    private final Map<TaskId, Watcher> watchers = new LinkedHashMap<>();
    /** The same of tasks that are looked up, as they may have ended. */
    private final Map<TaskId, Watcher> sought = new HashMap<>();
    /** Tasks that it cancels and that have not ended yet. */
    private final Map<TaskId, Cancelling> cancels = new HashMap<>();

    /**
     * A request for a task to wait for. One of the three is called, once, unless the sender goes away.
     *
     * @param found before anything else is said of the task; hears what shows it
     * @param gone if there is no such task, or not any more
     */
    record Wish(Consumer<Supplier<TaskView>> found, Runnable gone, Consumer<RefusedException> refused) {}

    /** All requests to cancel the same task. */
    private static final class Cancelling {
        final List<CancelRequest> requests = new ArrayList<>(1);
        /** Whether the sender heard of the end, as it waited for that too. */
        boolean isTold;
    }

    private record CancelRequest(Consumer<Optional<StoredTask>> answer, Consumer<RefusedException> refused) {}

    /** @param changed hears that it waits for another task, or for one less */
    AwaitedTasks(Session session, Runnable changed) {
        this.session = session;
        this.changed = changed;
    }

    private Tasks tasks() {
        return session.context.tasks();
    }

    /** How many unfinished tasks it waits for. */
    int count() {
        return watchers.size();
    }

    boolean contains(TaskId id) {
        return watchers.containsKey(id);
    }

    /** The sender is gone. */
    void letGo() {
        watchers.forEach((task, watcher) -> tasks().unwatch(task, watcher));
        watchers.clear();
    }

    // Waiting for the end.

    /** Waits for a task, which may have ended. */
    void await(TaskId id, boolean progress, Wish wish) {
        if (session.isOver()) {
            return; // It went away while the task was saved or looked for.
        }
        Watcher watcher = watchers.get(id);
        Watcher looking = sought.get(id);
        if (watcher != null) {
            watcher.progress |= progress;
            wish.found().accept(() -> tasks().view(id));
            if (progress) {
                tasks().wantProgress(id, watcher);
            }
        } else if (looking != null) {
            looking.progress |= progress;
            looking.add(wish);
        } else {
            Watcher fresh = new Watcher(progress);
            fresh.add(wish);
            look(id, fresh);
        }
    }

    private void look(TaskId id, Watcher watcher) {
        sought.put(id, watcher);
        tasks().watch(
                        id,
                        watcher,
                        session.guarded(exists -> {
                            if (!exists) {
                                sought.remove(id);
                                watcher.isGone();
                            } else if (tasks().open(id) != null) {
                                sought.remove(id);
                                watchers.put(id, watcher);
                                changed.run();
                                watcher.found(() -> tasks().view(id));
                            } // Else it has ended, as the watcher hears next.
                        }),
                        session.guarded(why -> {
                            sought.remove(id);
                            watcher.takeWishes().forEach(wish -> wish.refused().accept(why));
                        }));
    }

    // Cancelling.

    /** However often it cancels the same task, it waits for the end of it once. */
    void cancel(TaskId id, Consumer<Optional<StoredTask>> answer, Consumer<RefusedException> refused) {
        CancelRequest request = new CancelRequest(answer, refused);
        Cancelling sameTask = cancels.get(id);
        if (sameTask != null) {
            sameTask.requests.add(request);
            return;
        }
        Cancelling cancelling = new Cancelling();
        cancelling.requests.add(request);
        cancels.put(id, cancelling);
        tasks().cancel(
                        id,
                        ProtocolLimits.MAX_FRAME_BYTES,
                        ended -> {
                            cancels.remove(id);
                            ended.filter(task -> !cancelling.isTold).ifPresent(this::tellEndOfCancelled);
                            cancelling.requests.forEach(each -> each.answer().accept(ended));
                        },
                        why -> {
                            cancels.remove(id);
                            cancelling.requests.forEach(each -> each.refused().accept(why));
                        });
    }

    /** Unless the sender waits for the task as well: then it hears of the end by that. */
    private void tellEndOfCancelled(StoredTask task) {
        TaskId id = task.task().spec().id();
        Watcher looking = sought.get(id);
        if (looking != null) {
            looking.cancelled = task;
        } else if (!watchers.containsKey(id)) {
            session.peer.send(TaskFrames.end(task));
        }
    }

    private final class Watcher implements TaskWatcher {
        /** Requests that are answered once it is known whether there is such a task; null from then on. */
        private @Nullable List<Wish> wishes = new ArrayList<>(1);

        private boolean progress;
        /** How the task ended that was cancelled meanwhile: that is to be told even if it is not found any more. */
        private @Nullable StoredTask cancelled;

        Watcher(boolean progress) {
            this.progress = progress;
        }

        private void add(Wish wish) {
            Objects.requireNonNull(wishes, "it is looked up").add(wish);
        }

        private List<Wish> takeWishes() {
            List<Wish> all = Objects.requireNonNull(wishes, "it is looked up");
            wishes = null;
            return all;
        }

        private void found(Supplier<TaskView> view) {
            takeWishes().forEach(wish -> wish.found().accept(view));
        }

        private void isGone() {
            takeWishes().forEach(wish -> wish.gone().run());
            if (cancelled != null) {
                session.peer.send(TaskFrames.end(cancelled));
            }
        }

        @Override
        public void letGo(Throwable cause) {
            session.breakOff(cause);
        }

        @Override
        public boolean wantsProgress() {
            return progress;
        }

        @Override
        public void onProgress(String taskId, Progress report) {
            // A sender that is slow to read gets fewer reports, not a longer queue.
            if (session.peer.outboundBytes() < PROGRESS_BELOW_BYTES) {
                session.send(new ToSender.ProgressReport(taskId, report));
            }
        }

        @Override
        public long longestResultBytes() {
            return ProtocolLimits.MAX_FRAME_BYTES;
        }

        @Override
        public void onEnd(StoredTask task) {
            if (session.isOver()) {
                return; // It went away while the task was looked for.
            }
            TaskId id = task.task().spec().id();
            if (sought.remove(id) != null) {
                watchers.put(id, this); // It is owed the end while it is told of the task.
                found(() -> tasks().view(task));
            }
            watchers.remove(id);
            session.peer.send(TaskFrames.end(task));
            Cancelling cancelling = cancels.get(id);
            if (cancelling != null) {
                cancelling.isTold = true;
            }
            changed.run();
        }
    }
}
