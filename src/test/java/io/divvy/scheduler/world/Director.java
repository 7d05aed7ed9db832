package io.divvy.scheduler.world;

import io.divvy.scheduler.world.SimulatedWorker.Character;
import io.divvy.state.TaskPatch;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Lets steps befall the world. */
final class Director {
    /** After so long a worker takes a server that says nothing for gone. */
    private static final long SILENCE_MS = 30_000;

    private final World world;
    private final SimulatedStore store;
    private final SplittableRandom random;
    private final SenderSteps ofSenders;
    private int workersStarted;

    Director(World world, SimulatedStore store, SplittableRandom random) {
        this.world = world;
        this.store = store;
        this.random = random;
        this.ofSenders = new SenderSteps(world, world.senders(), random.split());
    }

    void perform(Step step) {
        world.workers.removeIf(worker -> !worker.isAlive());
        SplittableRandom salt = new SplittableRandom(step.salt());
        switch (step.kind()) {
            case START_WORKER -> startWorker(salt);
            case KILL_WORKER -> killWorker(salt);
            case CUT_CONNECTION -> cutConnection(salt);
            case FORGET_CONNECTION -> forgetConnection(salt);
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
            default -> ofSenders.perform(step, salt);
        }
    }

    /** The world is as it should be from here on, and has a worker that can do it all. */
    void mendAll() {
        world.workers.removeIf(worker -> !worker.isAlive());
        world.workers.forEach(SimulatedWorker::wake);
        start(new Character(true, false, 4, 500, null, Set.of(), true, true, true, 1, 1_000));
    }

    /** Nothing stays paused. To be called until that is so: while the store fails nothing is changed. */
    void resumeAll() {
        for (SimulatedTask task : world.openTasks()) {
            if (task.spec().paused()) {
                world.senders().desk.patch(task, TaskPatch.paused(false));
            }
        }
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
                isPlain || salt.nextInt(3) == 0 ? Set.of(WorldType.NUMBERS.name()) : null,
                !isPlain && salt.nextBoolean() ? Set.of(WorldType.NUMBERS.name()) : Set.of(),
                !isPlain && salt.nextInt(3) > 0,
                !isPlain && salt.nextInt(3) > 0,
                salt.nextInt(4) > 0,
                1 + salt.nextInt(salt.nextInt(3) == 0 ? 200 : 20),
                1 + salt.nextInt(salt.nextBoolean() ? 4 : 300));
        start(!isPlain && salt.nextBoolean() ? character.shipped() : character);
    }

    private void start(Character character) {
        // Now and then two are called the same.
        int number = ++workersStarted;
        String name = "worker " + (number % 8 == 0 ? number - 1 : number);
        SimulatedWorker worker = SimulatedWorker.of(world, number, name, character, random.split());
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
        WorkerConnection connection = worker.connection;
        worker.die();
        if (connection != null) {
            if (salt.nextBoolean()) {
                connection.leave();
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
        WorkerConnection connection = worker == null ? null : worker.connection;
        if (connection == null) {
            return;
        }
        world.note(() -> "the connection of " + worker + " is cut");
        cut(connection, salt);
        world.schedule(salt.nextInt(3_000), () -> connection.worker.lost(connection));
    }

    /** A box in the middle forgets it: nobody hears of that, until each end misses the other. */
    private void forgetConnection(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        WorkerConnection connection = worker == null ? null : worker.connection;
        if (connection == null) {
            return;
        }
        world.note(() -> "the connection of " + worker + " is forgotten on the way");
        connection.cut();
        world.schedule(SILENCE_MS, () -> connection.worker.lost(connection));
        if (connection.worker.character.plain()) {
            world.schedule(SILENCE_MS, connection::gone); // By the keep-alive of TCP.
        }
    }

    /** The server hears of it after a while. Or never: then it misses the heartbeats, if there are to be any. */
    private void cut(WorkerConnection connection, SplittableRandom salt) {
        connection.cut();
        if (connection.worker.character.plain() || salt.nextInt(3) > 0) {
            world.schedule(salt.nextInt(500), connection::gone);
        }
    }

    private void stallConnection(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        WorkerConnection connection = worker == null ? null : worker.connection;
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
        WorkerConnection connection = worker == null ? null : worker.connection;
        if (connection != null) {
            world.note(() -> worker + " is asked to drain");
            connection.server.askToDrain(connection);
        }
    }

    private void decline(SplittableRandom salt) {
        SimulatedWorker worker = pickWorker(salt);
        SimulatedTask task = ofSenders.pickTask(salt);
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
        WorkerConnection connection = worker == null ? null : worker.connection;
        Held lease = worker == null ? null : pickLease(worker, salt);
        SimulatedTask any = ofSenders.pickTask(salt);
        if (worker == null || connection == null) {
            return;
        }
        Lie lie = lease == null || any != null && salt.nextInt(8) == 0
                ? any == null ? null : Lie.ofOffer(worker, any)
                : Lie.about(worker, lease, salt);
        if (lie != null) {
            world.note(() -> worker + " says what it should not: " + lie);
            lie.tell(connection);
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
