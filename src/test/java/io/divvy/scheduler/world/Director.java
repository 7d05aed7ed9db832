package io.divvy.scheduler.world;

import io.divvy.scheduler.Event;
import io.divvy.scheduler.world.SimulatedWorker.Character;
import io.divvy.scheduler.world.SimulatedWorker.Held;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.EarlyEnd;
import io.divvy.state.TaskSpec.FoldOrder;
import io.divvy.state.TaskSpec.OnFailure;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Lets steps befall the world. */
final class Director {
    /** Steps are about the tasks that were submitted last: most others have ended. */
    private static final int TASKS_TALKED_ABOUT = 8;

    private static final long MOST_SUBTASKS_OF_SMALL_TASK = 60;

    private final World world;
    private final SimulatedStore store;
    private final SplittableRandom random;
    private int workersStarted;

    Director(World world, SimulatedStore store, SplittableRandom random) {
        this.world = world;
        this.store = store;
        this.random = random;
    }

    void perform(Step step) {
        world.workers.removeIf(worker -> !worker.isAlive());
        SplittableRandom salt = new SplittableRandom(step.salt());
        switch (step.kind()) {
            case SUBMIT -> submit(step, salt);
            case SUBMIT_AGAIN -> submitAgain(salt);
            case DELETE -> delete(salt);
            case CANCEL -> cancel(salt);
            case WATCH -> watch(salt);
            case BREAK_TASK -> breakTask(salt);
            case START_WORKER -> startWorker(salt);
            case KILL_WORKER -> killWorker(salt);
            case CUT_CONNECTION -> cutConnection(salt);
            case CRASH_WORKER -> crashWorker(salt);
            case STALL_CONNECTION -> stallConnection(salt);
            case HANG_WORKER -> hangWorker(salt);
            case DRAIN_WORKER -> drainWorker(salt);
            case ASK_TO_DRAIN -> askToDrain(salt);
            case DECLINE -> decline(salt);
            case FAIL_SUBTASK -> failSubtask(salt, true);
            case FAIL_FOR_GOOD -> failSubtask(salt, false);
            case ANSWER_TWICE -> answerTwice(salt);
            case LIE -> lie(salt);
            case SLOW_STORE -> slowStore(salt);
            case FAIL_STORE -> failStore();
            case RECOVER_STORE -> recoverStore();
            case PAUSE_SERVER -> pauseServer(salt);
            case CRASH_SERVER -> crashServer(salt);
            case SLOW_COMPUTING -> slowComputing(salt);
            case FAST_COMPUTING -> {
                world.note(() -> "the server's own computing takes no time");
                world.server().computeFor(0);
            }
            case CLOCK_FORWARD -> turnClock(salt.nextLong(60_000));
            case CLOCK_BACK -> turnClock(-salt.nextLong(60_000));
            case NOTHING -> {
                // Time passes.
            }
        }
    }

    /** The world is as it should be from here on, and has a worker that can do it all. */
    void mendAll() {
        world.workers.removeIf(worker -> !worker.isAlive());
        world.workers.forEach(SimulatedWorker::wake);
        start(new Character(true, false, 4, 500, null, Set.of(), true, true, true, 1, 1_000));
    }

    // Senders.

    private void submit(Step step, SplittableRandom salt) {
        boolean isLarge = salt.nextInt(8) == 0;
        // Now and then there is nothing to do.
        long subtasks = salt.nextLong(1 + (isLarge ? world.settings().mostSubtasks() : MOST_SUBTASKS_OF_SMALL_TASK));
        int fold = salt.nextInt(8);
        boolean isFoldable = fold < 2;
        EarlyEnd earlyEnd = fold == 2 ? EarlyEnd.ANY : fold == 3 ? EarlyEnd.FIRST : EarlyEnd.NONE;
        boolean isInAnyOrder = isFoldable || fold == 2 || fold == 4;
        String wanted = "what step " + step.number() + " wants";
        TaskSpec spec = TaskSpec.of(new TaskId(wanted), salt.nextInt(3) > 0 ? "numbers" : "letters")
                .derivable(salt.nextBoolean())
                .submittedAs(submitKey(step.number(), salt), wanted)
                .foldOrder(isInAnyOrder ? FoldOrder.ANY : FoldOrder.ASCENDING)
                .foldable(isFoldable)
                .keepsResults(!isFoldable && salt.nextBoolean())
                .earlyEnd(earlyEnd)
                .onFailure(salt.nextBoolean() ? OnFailure.CONTINUE : OnFailure.FAIL)
                .priority(salt.nextInt(3))
                .maxAttempts(1 + salt.nextInt(4))
                .subtaskTimeoutMs(salt.nextInt(3) == 0 ? 1 + salt.nextInt(3_000) : 0)
                .timeoutMs(salt.nextInt(8) == 0 ? 1 + salt.nextInt(60_000) : 0)
                .build();
        String splitFailure = salt.nextInt(20) == 0 ? "such params are not taken" : null;
        long nullPeriod = 1 + salt.nextInt(2 * (int) Math.max(1, subtasks));
        SimulatedTask task = new SimulatedTask(spec, subtasks, splitFailure, nullPeriod, salt.nextLong());
        world.note(() -> "a sender submits " + describe(task));
        world.submit(task, false);
    }

    /** Some are called what others are called in the other scope. */
    private static @Nullable SubmitKey submitKey(int step, SplittableRandom salt) {
        return switch (salt.nextInt(5)) {
            case 0 -> SubmitKey.key("job " + salt.nextInt(step + 5));
            case 1 -> null;
            default -> SubmitKey.plainId("job " + step);
        };
    }

    /** What a story has to say of a task: what it is like where tasks differ. */
    private static String describe(SimulatedTask task) {
        TaskSpec spec = task.spec;
        StringJoiner words = new StringJoiner(", ");
        words.add(task + ": " + task.subtasks + " subtasks of " + spec.type());
        if (task.splitFailure != null) {
            words.add("which nobody can split");
        }
        words.add(spec.foldOrder() == FoldOrder.ANY ? "folded in any order" : "folded in order");
        if (spec.foldable()) {
            words.add("by workers too");
        }
        if (spec.keepsResults()) {
            words.add("whose results are kept");
        }
        if (spec.earlyEnd() != EarlyEnd.NONE) {
            words.add(spec.earlyEnd() == EarlyEnd.ANY ? "done with any result" : "done with the first result");
        }
        words.add(spec.onFailure() == OnFailure.FAIL ? "fails with a subtask" : "goes on without failed subtasks");
        words.add("attempts " + spec.maxAttempts());
        words.add("priority " + spec.priority());
        if (spec.derivable()) {
            words.add("derivable");
        }
        if (spec.submitKey() != null) {
            words.add("under " + spec.submitKey());
        }
        if (spec.subtaskTimeoutMs() > 0) {
            words.add(spec.subtaskTimeoutMs() + " ms for a subtask");
        }
        if (spec.timeoutMs() > 0) {
            words.add(spec.timeoutMs() + " ms for all of it");
        }
        return words.toString();
    }

    private void submitAgain(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task == null) {
            return;
        }
        switch (salt.nextInt(3)) {
            case 0, 1 -> {
                world.note(() -> "a sender submits " + task + " again");
                world.submit(task, false);
            }
            default -> {
                if (task.isAccepted && task.spec.submitKey() != null) {
                    world.note(() -> "a sender submits something else under the key of " + task);
                    world.submit(task.another(), true);
                }
            }
        }
    }

    private void delete(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            world.note(() -> "a sender deletes " + task);
            world.server().delete(task);
        }
    }

    private void cancel(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            world.note(() -> "a sender cancels " + task);
            task.isCancelRequested = true;
            world.tell(new Event.CancelRequested(task.spec.id()));
        }
    }

    private void watch(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            boolean isWanted = salt.nextInt(3) > 0;
            world.note(() -> isWanted ? "a sender watches " + task : "nobody watches " + task);
            world.tell(new Event.ProgressWanted(task.spec.id(), isWanted));
        }
    }

    private void breakTask(SplittableRandom salt) {
        SimulatedTask task = pickTask(salt);
        if (task != null) {
            world.note(() -> "the code of the type of " + task + " fails");
            task.isBroken = true;
            world.tell(new Event.TaskBroke(task.spec.id(), TaskFailure.Code.TASK_TYPE_FAILED, "it failed"));
        }
    }

    private @Nullable SimulatedTask pickTask(SplittableRandom salt) {
        int count = world.tasks.size();
        return count == 0 ? null : world.tasks.get(count - 1 - salt.nextInt(Math.min(count, TASKS_TALKED_ABOUT)));
    }

    // Workers.

    private void startWorker(SplittableRandom salt) {
        if (world.workers.size() >= world.settings().mostWorkers()) {
            return;
        }
        boolean isPlain = salt.nextInt(4) == 0;
        int slots = isPlain ? 1 : 1 + salt.nextInt(4);
        Character character = new Character(
                false,
                isPlain,
                slots,
                isPlain ? 1 : slots + salt.nextInt(salt.nextInt(3) == 0 ? 500 : 40),
                salt.nextInt(3) == 0 ? Set.of("numbers") : null,
                !isPlain && salt.nextBoolean() ? Set.of("numbers") : Set.of(),
                !isPlain && salt.nextInt(3) > 0,
                !isPlain && salt.nextInt(3) > 0,
                salt.nextInt(4) > 0,
                1 + salt.nextInt(salt.nextInt(3) == 0 ? 200 : 20),
                1 + salt.nextInt(salt.nextBoolean() ? 4 : 300));
        start(!isPlain && salt.nextBoolean() ? character.shipped() : character);
    }

    private void start(Character character) {
        SimulatedWorker worker = SimulatedWorker.of(world, "worker " + ++workersStarted, character, random.split());
        world.note(() -> worker + " starts: " + character);
        world.workers.add(worker);
        worker.connect();
    }

    private void killWorker(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        if (worker == null) {
            return;
        }
        world.note(() -> worker + " is killed");
        Connection connection = worker.connection;
        worker.die();
        if (connection != null) {
            if (salt.nextBoolean()) {
                connection.toServer(() -> world.server().leave(connection));
            } else {
                cut(connection, salt);
            }
        }
    }

    private void crashWorker(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        if (worker != null) {
            int times = 1 + salt.nextInt(12);
            boolean isPicky = salt.nextBoolean();
            String what = isPicky ? "what it gets first, whenever it gets that" : "whatever it gets";
            world.note(() -> worker + " dies " + times + " times with " + what + ", and is started again");
            worker.crash(times, isPicky);
        }
    }

    private void cutConnection(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        Connection connection = worker == null ? null : worker.connection;
        if (connection == null) {
            return;
        }
        world.note(() -> "the connection of " + worker + " is cut");
        cut(connection, salt);
        world.schedule(salt.nextInt(3_000), () -> connection.worker.lost(connection));
    }

    /** The server hears of it after a while. Or never: then it misses the heartbeats, if there are to be any. */
    private void cut(Connection connection, SplittableRandom salt) {
        connection.cut();
        if (connection.worker.character.plain() || salt.nextInt(3) > 0) {
            world.schedule(salt.nextInt(500), () -> world.server().leave(connection));
        }
    }

    private void stallConnection(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        Connection connection = worker == null ? null : worker.connection;
        if (connection != null) {
            long ms = steps(salt, salt.nextInt(4) == 0 ? 300 : 20);
            world.note(() -> "the connection of " + worker + " stands still for " + ms + " ms");
            connection.stall(ms);
        }
    }

    private void hangWorker(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        if (worker != null) {
            long ms = steps(salt, salt.nextInt(4) == 0 ? 300 : 50);
            boolean isSilent = salt.nextBoolean();
            world.note(() -> worker + " hangs for " + ms + " ms" + (isSilent ? ", without heartbeats" : ""));
            worker.hang(ms, isSilent);
        }
    }

    private void drainWorker(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        if (worker != null) {
            world.note(() -> worker + " drains");
            worker.drain();
        }
    }

    private void askToDrain(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        Connection connection = worker == null ? null : worker.connection;
        if (connection != null) {
            world.note(() -> worker + " is asked to drain");
            world.tell(new Event.WorkerDrainRequested(connection.id));
        }
    }

    private void decline(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        SimulatedTask task = pickTask(salt);
        if (worker != null && task != null) {
            world.note(() -> worker + " cannot derive the payloads of " + task);
            worker.decline(task);
        }
    }

    private void failSubtask(SplittableRandom salt, boolean isRetryable) {
        SimulatedWorker worker = pickWorker(salt);
        if (worker != null) {
            world.note(() -> "the next subtask of " + worker + " fails" + (isRetryable ? "" : " for good"));
            worker.failNext(isRetryable);
        }
    }

    private void answerTwice(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        Held lease = worker == null ? null : pickLease(worker, salt);
        if (worker != null && lease != null && lease.next > lease.from) {
            long from = lease.from + salt.nextLong(lease.next - lease.from);
            world.note(() ->
                    worker + " answers [" + from + ", " + lease.next + ") of its lease " + lease.lease + " again");
            worker.repeat(lease, from, lease.next);
        }
    }

    private void lie(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        Connection connection = worker == null ? null : worker.connection;
        Held lease = worker == null ? null : pickLease(worker, salt);
        SimulatedTask any = pickTask(salt);
        if (worker != null && connection != null && any != null && salt.nextInt(8) == 0) {
            Event lie = Lie.offer(connection, any, 0, any.subtasks, salt);
            world.note(() -> worker + " offers what it may never have had: " + lie);
            worker.lie(lie);
        } else if (worker != null && connection != null && lease != null) {
            Event lie = Lie.about(lease, connection, salt);
            world.note(() -> worker + " says what it should not: " + lie);
            worker.lie(lie);
        }
    }

    /** Mostly one of the last, which are likely to be open. */
    private static @Nullable Held pickLease(SimulatedWorker worker, SplittableRandom salt) {
        List<Held> known = worker.known;
        return known.isEmpty() ? null : known.get(known.size() - 1 - salt.nextInt(Math.min(known.size(), 4)));
    }

    private @Nullable SimulatedWorker pickWorker(SplittableRandom salt) {
        return world.workers.isEmpty() ? null : world.workers.get(salt.nextInt(world.workers.size()));
    }

    /** A time in which at most so many steps befall the world: however fast they come, something goes on between them. */
    private long steps(SplittableRandom salt, int most) {
        return 1 + salt.nextLong((long) most * world.settings().mostStepMs() / 2);
    }

    // The store, the server, and its clock.

    private void slowStore(SplittableRandom salt) {
        if (!world.settings().commitsAtOnce()) {
            long ms = steps(salt, 20);
            world.note(() -> "the store is slow for " + ms + " ms");
            store.slowDown(ms);
        }
    }

    private void failStore() {
        if (!world.settings().commitsAtOnce()) {
            world.note(() -> "the store fails from now on");
            store.fail();
        }
    }

    private void recoverStore() {
        if (!world.settings().commitsAtOnce()) {
            world.note(() -> "the store does not fail any more");
            store.recover();
        }
    }

    private void pauseServer(SplittableRandom salt) {
        long ms = steps(salt, salt.nextInt(4) == 0 ? 50 : 10);
        world.note(() -> "the server's loop stands still for " + ms + " ms");
        world.server().pause(ms);
    }

    private void crashServer(SplittableRandom salt) {
        if (world.settings().savesProgress() && world.server().isRunning()) {
            world.crashServer(steps(salt, 10));
        }
    }

    private void slowComputing(SplittableRandom salt) {
        long ms = steps(salt, 5);
        world.note(() -> "the server's own computing takes up to " + ms + " ms");
        world.server().computeFor(ms);
    }

    private void turnClock(long ms) {
        world.note(() -> "the server's clock jumps by " + ms + " ms");
        world.turnClock(ms);
    }
}
