package io.divvy.scheduler.world;

import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.CoreInspection.Subtask;
import io.divvy.state.TaskId;
import io.divvy.worker.ShippedCore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The worker that ships: its core decides, and this class has the slots, the connection and the time. Its results say what they
 * are of, so that whoever gets those of another subtask, or of another task, shows.
 */
final class ShippedWorker extends SimulatedWorker {
    /** A batch that takes longer than was thought is answered so far, and the rest of it given back. */
    private static final long MOST_BATCH_MS = 100;

    private final SimulatedSlot[] slots;
    private final long microsPerSubtask;
    private ShippedCore core;
    /** Processes that had its name. */
    private int processes = 1;
    /** Whether the next subtask that begins is to fail, and then whether another attempt may succeed. */
    private @Nullable Boolean nextFailure;
    /** Leases of the present connection that it has, or had. */
    private final Set<Long> taken = new HashSet<>();
    /** Those of them that were cancelled and not released yet. */
    private final Set<Long> toRelease = new HashSet<>();

    /** A slot, and what it has. A batch is one event at its end, wherever that is. */
    private final class SimulatedSlot {
        private final int number;
        private ShippedCore.@Nullable Taken batch;
        private long sinceMs;
        private long microsEach;
        /** What follows is not begun. */
        private long haltedAt;
        /** Whether what ran when that was said is not answered: its code stopped. */
        private boolean stopped;

        private @Nullable Boolean failure;
        /** All below it is answered. */
        private long answeredTo;
        /** Which of the ends that were planned is its end. */
        private long ends;

        SimulatedSlot(int number) {
            this.number = number;
        }

        void begin(ShippedCore.Taken taken) {
            batch = taken;
            sinceMs = world.nowMs();
            // Some take far longer than those before them.
            microsEach = random.nextInt(8) == 0 ? 50 * microsPerSubtask : microsPerSubtask;
            haltedAt = Long.MAX_VALUE;
            stopped = false;
            failure = taken.isFolded() ? null : nextFailure;
            nextFailure = taken.isFolded() ? nextFailure : null;
            answeredTo = taken.from();
            long size = taken.to() - taken.from();
            if (!taken.isFolded() && timeOf(size) > MOST_BATCH_MS) {
                haltedAt = Math.min(taken.to(), taken.from() + 1 + MOST_BATCH_MS * 1_000 / microsEach);
                size = haltedAt - taken.from();
            }
            end(timeOf(size));
            if (failure != null && size > 1) {
                long planned = ends;
                world.schedule(timeOf(1), () -> failFirst(taken, planned));
            }
            WorkerConnection on = connection;
            if (on != null) {
                // What of it is begun later, and what is not after all, only the worker could say.
                on.begun(new TaskId(taken.task()), taken.from(), taken.to());
            }
        }

        /** What fails is said at once, whatever runs behind it. */
        private void failFirst(ShippedCore.Taken taken, long planned) {
            if (batch == taken && planned == ends && hungMs() <= 0) {
                answer(taken, taken.from() + 1);
                say();
            }
        }

        private long timeOf(long subtasks) {
            return 1 + subtasks * microsEach / 1_000;
        }

        private void end(long inMs) {
            long end = ++ends;
            world.schedule(inMs, () -> finish(end));
        }

        void clear() {
            batch = null;
            ends++;
        }

        /** The first that it has not begun. */
        private long next(ShippedCore.Taken taken) {
            long begun = 1 + (world.nowMs() - sinceMs) * 1_000 / microsEach;
            return Math.min(haltedAt, Math.min(taken.to(), taken.from() + begun));
        }

        /** What it runs; of what is folded, its first. */
        private void addTo(List<Subtask> running) {
            if (batch != null) {
                long index = batch.isFolded() ? batch.from() : next(batch) - 1;
                running.add(new Subtask(new TaskId(batch.task()), index));
            }
        }

        long halt() {
            ShippedCore.Taken taken = taken();
            if (taken.isFolded()) {
                return taken.from(); // It runs all at once, or not at all.
            }
            haltedAt = next(taken);
            end(Math.max(1, sinceMs + timeOf(haltedAt - taken.from()) - world.nowMs()));
            return haltedAt;
        }

        /** Some code stops at once, some does not stop before it is done. */
        void interrupt() {
            if (taken().isFolded()) {
                haltedAt = taken().from();
            } else {
                halt();
            }
            if (random.nextBoolean()) {
                stopped = true;
                end(1);
            }
        }

        private ShippedCore.Taken taken() {
            return Violation.ifNull(batch, () -> ShippedWorker.this + " stops what its slot " + number + " has not");
        }

        private void finish(long end) {
            if (end != ends) {
                return; // It ends at another time, or died.
            }
            if (hungMs() > 0) {
                end(hungMs());
                return;
            }
            ShippedCore.Taken taken = taken();
            batch = null;
            double nanos = 1_000.0 * microsEach;
            if (taken.isFolded()) {
                boolean isDone = haltedAt == Long.MAX_VALUE || !stopped;
                if (isDone) {
                    core.folded(number, taskOf(taken).folded(taken.from(), taken.to()));
                }
                core.finished(number, isDone ? taken.to() : taken.from(), nanos);
            } else {
                long next = Math.min(haltedAt, taken.to());
                answer(taken, stopped ? next - 1 : next);
                core.finished(number, next, nanos);
            }
            say();
            Violation.unless(
                    toRelease.isEmpty() || !core.isIdle(),
                    () -> ShippedWorker.this + " runs nothing, and has not released " + toRelease);
            leaveIfDone();
            work();
        }

        private void answer(ShippedCore.Taken taken, long to) {
            long from = answeredTo;
            answeredTo = Math.max(from, to);
            if (failure != null && from < to) {
                core.failed(number, from++, failure);
                failure = null;
            }
            while (from < to) {
                int count = (int) Math.min(to - from, character.mostPerAnswer());
                core.answered(number, from, taskOf(taken).results(from, from + count));
                from += count;
            }
        }
    }

    ShippedWorker(World world, String name, Character character, SplittableRandom random) {
        super(world, name, character, random);
        microsPerSubtask = 1 + 1_000L * character.msPerSubtask() / character.mostPerAnswer();
        slots = new SimulatedSlot[character.slots()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new SimulatedSlot(i);
        }
        core = newCore();
    }

    private ShippedCore newCore() {
        return new ShippedCore(slots.length, new ShippedCore.Slots() {
            @Override
            public long halt(int slot) {
                return slots[slot].halt();
            }

            @Override
            public void interrupt(int slot) {
                slots[slot].interrupt();
            }
        });
    }

    @Override
    String instance() {
        return "instance " + processes + " of " + number;
    }

    @Override
    @Nullable
    String unacked() {
        return core.unackedBytes() == 0 ? null : core.unackedBytes() + " bytes of results";
    }

    // Its life.

    @Override
    void connected(WorkerConnection fresh) {
        core.connected();
        say();
    }

    @Override
    void sayAlive(WorkerConnection on) {
        core.beat();
        say();
    }

    @Override
    void forgetAll() {
        processes++;
        for (SimulatedSlot slot : slots) {
            slot.clear();
        }
        core = newCore();
        taken.clear();
        toRelease.clear();
    }

    @Override
    void disconnected() {
        core.disconnected();
        taken.clear();
        toRelease.clear();
    }

    @Override
    void drain() {
        if (connection == null || isLeaving) {
            return;
        }
        isLeaving = true;
        core.drain();
        say();
        leaveIfDone();
    }

    private void leaveIfDone() {
        WorkerConnection on = connection;
        if (isLeaving && on != null && core.isIdle()) {
            leave(on);
        }
    }

    // Its work.

    @Override
    List<Subtask> running() {
        List<Subtask> running = new ArrayList<>();
        for (SimulatedSlot slot : slots) {
            slot.addTo(running);
        }
        return running;
    }

    @Override
    void work() {
        if (!isAlive()) {
            return;
        }
        if (hungMs() > 0) {
            world.schedule(hungMs(), this::work);
            return;
        }
        for (SimulatedSlot slot : slots) {
            ShippedCore.Taken taken = slot.batch == null ? core.take(slot.number) : null;
            if (taken != null) {
                slot.begin(taken);
            }
        }
    }

    @Override
    void failNext(boolean isRetryable) {
        nextFailure = isRetryable;
    }

    private SimulatedTask taskOf(ShippedCore.Taken taken) {
        return world.task(new TaskId(taken.task()));
    }

    // What it says.

    private void say() {
        WorkerConnection on = connection;
        for (FromWorker message : core.said()) {
            if (message instanceof FromWorker.Released released) {
                toRelease.remove(released.lease());
            }
            if (on != null) {
                on.toServer(message);
            }
        }
    }

    @Override
    void repeat(Held lease, long from, long to) {
        WorkerConnection on = connection;
        if (on != null) {
            on.toServer(
                    lease.task.spec().foldable() && to - from > 1
                            ? new FromWorker.Combined(lease.lease, from, to, lease.task.folded(from, to))
                            : new FromWorker.Result(lease.lease, from, lease.task.results(from, to)));
        }
    }

    // What it is told.

    /** Of what it said it would split, it cannot split each task: code may differ. */
    private boolean derives(SimulatedTask task) {
        boolean isToDerive = task.spec().derivable()
                && character.derives().contains(task.spec().type());
        return !isToDerive || (number + " " + task).hashCode() % 8 != 0;
    }

    @Override
    void on(ToWorker.TaskDescription description, SimulatedTask task) {
        core.describe(description, derives(task));
        say();
    }

    @Override
    void on(ToWorker.Assign assign, SimulatedTask task) {
        if (!diesOf(new Held(assign.lease(), task, assign.from(), assign.to()))) {
            if (!isLeaving && (assign.payloads() != null || derives(task))) {
                taken.add(assign.lease());
            }
            core.assign(assign);
            work();
        }
    }

    @Override
    void on(ToWorker.Revoke revoke) {
        core.revoke(revoke.lease(), revoke.from());
        say();
    }

    @Override
    void on(ToWorker.CancelLease cancel) {
        if (taken.contains(cancel.lease())) {
            toRelease.add(cancel.lease());
        }
        core.cancelLease(cancel.lease());
        say();
    }

    @Override
    void on(ToWorker.Ack ack) {
        core.acked(ack);
    }

    @Override
    void onCancel(TaskId task) {
        core.cancelTask(task.value());
    }

    @Override
    void onForget(TaskId task) {
        core.forget(task.value());
    }
}
