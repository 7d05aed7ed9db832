package io.divvy.scheduler.world;

import io.divvy.guard.Failure;
import io.divvy.protocol.Progress;
import io.divvy.server.session.TaskWatcher;
import io.divvy.store.StoredTask;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What senders do with tasks that they submitted. What they are told of an end is held against what is durable. */
final class Senders {
    private final World world;
    private final SimulatedStore store;
    /** The last that watches each task, and where. */
    private final Map<SimulatedTask, Watcher> watchers = new HashMap<>();

    Senders(World world, SimulatedStore store) {
        this.world = world;
        this.store = store;
    }

    void watch(SimulatedTask task, boolean wantsProgress) {
        unwatch(task);
        SimulatedServer server = world.server();
        Watcher watcher = new Watcher(task, server, wantsProgress);
        watchers.put(task, watcher);
        server.inLoop(() -> server.tasks().watch(task.id(), watcher, exists -> {}, busy -> {}));
    }

    void unwatch(SimulatedTask task) {
        Watcher former = watchers.remove(task);
        if (former != null) {
            former.server.inLoop(() -> former.server.tasks().unwatch(task.id(), former));
        }
    }

    void cancel(SimulatedTask task) {
        SimulatedServer server = world.server();
        server.inLoop(() -> server.tasks()
                .cancel(
                        task.id(),
                        Long.MAX_VALUE,
                        ended -> world.check(() -> ended.ifPresent(end -> requireDurable(task, end))),
                        busy -> {}));
    }

    /** The code of its type, which runs on the loop, fails. */
    void breakTask(SimulatedTask task) {
        SimulatedServer server = world.server();
        server.inLoop(() -> server.tasks().broke(task.id(), Failure.of(new IllegalStateException("it failed"))));
    }

    private void requireDurable(SimulatedTask task, StoredTask told) {
        Saved saved = store.find(task.id());
        Violation.unless(
                task.isDeleted || saved != null && saved.end != null && isSame(saved.end, told),
                () -> "a sender is told that " + task + " ended as " + told + ", but what is durable is "
                        + Optional.ofNullable(saved).map(kept -> kept.end));
    }

    private static boolean isSame(StoredTask saved, StoredTask told) {
        return saved.task().equals(told.task())
                && saved.notes().equals(told.notes())
                && Arrays.equals(saved.result(), told.result());
    }

    private final class Watcher implements TaskWatcher {
        private final SimulatedTask task;
        private final SimulatedServer server;
        private final boolean wantsProgress;
        private boolean hasEnded;

        Watcher(SimulatedTask task, SimulatedServer server, boolean wantsProgress) {
            this.task = task;
            this.server = server;
            this.wantsProgress = wantsProgress;
        }

        @Override
        public boolean wantsProgress() {
            return wantsProgress;
        }

        @Override
        public void onProgress(String taskId, Progress progress) {
            world.check(() -> Violation.unless(
                    taskId.equals(task.id().value()) && wantsProgress && !hasEnded,
                    () -> "a sender that watches " + task + " is told of progress: " + taskId + ", " + progress));
        }

        @Override
        public long longestResultBytes() {
            return Long.MAX_VALUE;
        }

        @Override
        public void onEnd(StoredTask end) {
            world.check(() -> {
                Violation.unless(!hasEnded, () -> "a sender is told twice that " + task + " ended");
                hasEnded = true;
                requireDurable(task, end);
            });
        }

        @Override
        public void letGo(Throwable cause) {
            world.violated(new Violation("a sender that watches " + task + " is let go: " + cause, cause));
        }
    }
}
