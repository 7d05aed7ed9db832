package io.divvy.scheduler.world;

import io.divvy.guard.Failure;
import io.divvy.protocol.Progress;
import io.divvy.server.session.TaskWatcher;
import io.divvy.state.TaskPatch;
import io.divvy.store.StoredTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Senders that come straight to the desk, as the HTTP API does: what they submit, and what they do with tasks. What they are told
 * of an end is held against what is durable.
 */
final class DeskSenders {
    private final World world;
    private final SimulatedStore store;
    /** The last that watches each task, and where. */
    private final Map<SimulatedTask, Watcher> lastOf = new HashMap<>();
    /** All that may wait for a task at the present life of the server. */
    private final Set<Watcher> watchers = new HashSet<>();

    private final List<DeskSubmission> submissions = new ArrayList<>();
    /** Those who cancel a task and were not answered, in the present life of the server. */
    private int cancels;

    DeskSenders(World world, SimulatedStore store) {
        this.world = world;
        this.store = store;
    }

    void submit(Wanted wanted) {
        DeskSubmission submission = new DeskSubmission(world, wanted);
        submissions.add(submission);
        submission.sendTo(world.server());
    }

    /** The server died, and with it all who waited there. */
    void serverDied() {
        lastOf.clear();
        watchers.clear();
        cancels = 0;
    }

    /** What was not answered is submitted again, at some time in so many milliseconds. */
    void submitAgain(SimulatedServer to, SplittableRandom random, int withinMs) {
        submissions.removeIf(DeskSubmission::isAnswered);
        for (DeskSubmission submission : submissions) {
            world.schedule(random.nextInt(withinMs), () -> {
                if (!submission.isAnswered() && to.isRunning()) {
                    submission.sendTo(to);
                }
            });
        }
    }

    /** What was submitted and not answered. */
    List<DeskSubmission> unanswered() {
        submissions.removeIf(DeskSubmission::isAnswered);
        return submissions;
    }

    /** How many of them may wait for a task, at most. */
    int mostWatchers() {
        return watchers.size() + cancels;
    }

    void watch(SimulatedTask task, boolean wantsProgress) {
        unwatch(task);
        SimulatedServer server = world.server();
        Watcher watcher = new Watcher(task, server, wantsProgress);
        lastOf.put(task, watcher);
        watchers.add(watcher);
        server.inLoop(() -> server.tasks()
                .watch(
                        task.id(),
                        watcher,
                        exists -> {
                            if (!exists) {
                                watchers.remove(watcher);
                            }
                        },
                        busy -> watchers.remove(watcher)));
    }

    void unwatch(SimulatedTask task) {
        Watcher former = lastOf.remove(task);
        if (former != null) {
            former.server.inLoop(() -> {
                watchers.remove(former);
                former.server.tasks().unwatch(task.id(), former);
            });
        }
    }

    void cancel(SimulatedTask task) {
        SimulatedServer server = world.server();
        server.inLoop(() -> {
            cancels++;
            server.tasks()
                    .cancel(
                            task.id(),
                            Long.MAX_VALUE,
                            ended -> {
                                cancels--;
                                world.check(() -> ended.ifPresent(end -> requireDurable(task, end)));
                            },
                            busy -> cancels--);
        });
    }

    /** It becomes a new task if it has ended. Who asks for it does not ask again, whatever comes of it. */
    void rerun(SimulatedTask task) {
        SimulatedServer server = world.server();
        server.inLoop(() -> server.rerun(task.id(), object -> {
            Wanted wanted = task.wanted.again(object, world.wants().nextNumber(), task);
            world.wants().add(wanted);
            return new DeskSubmission(world, wanted);
        }));
    }

    void patch(SimulatedTask task, TaskPatch patch) {
        SimulatedServer server = world.server();
        server.inLoop(() -> server.patch(task.id(), patch));
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
                watchers.remove(this);
                requireDurable(task, end);
            });
        }

        @Override
        public void letGo(Throwable cause) {
            world.violated(new Violation("a sender that watches " + task + " is let go: " + cause, cause));
        }
    }
}
