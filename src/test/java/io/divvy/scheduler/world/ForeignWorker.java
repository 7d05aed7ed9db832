package io.divvy.scheduler.world;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A worker in any language, which knows more or fewer messages. Left alone it is honest: it works on its leases in order,
 * answers each index once, gives back what it is asked to, keeps what is not acknowledged, and when its connection breaks it
 * takes a new one and offers that.
 */
final class ForeignWorker extends SimulatedWorker {
    private static final long BEYOND_ANY_LEASE = 1L << 50;

    /** Leases of the present connection that it has not finished, in their order. */
    private final Map<Long, Held> held = new LinkedHashMap<>();
    /** Results for which no ack came. */
    private final List<Sent> unacked = new ArrayList<>();

    private @Nullable Batch running;

    /** Results that it sent. @param lease null for an offer */
    private record Sent(@Nullable Long lease, SimulatedTask task, long from, long to) {}

    /** What it is working on. */
    private static final class Batch {
        final Connection connection;
        final Held lease;
        final long from;
        final long to;
        /** Whether it was told to stop before it was done. */
        boolean isDropped;

        Batch(Connection connection, Held lease, long from, long to) {
            this.connection = connection;
            this.lease = lease;
            this.from = from;
            this.to = to;
        }
    }

    ForeignWorker(World world, String name, Character character, SplittableRandom random) {
        super(world, name, character, random);
    }

    /** One that crashes says it all the same. */
    @Override
    @Nullable
    String instance() {
        return character.plain() || name.hashCode() % 2 == 0 ? null : "instance of " + name;
    }

    @Override
    @Nullable
    String unacked() {
        return unacked.isEmpty() ? null : unacked.toString();
    }

    @Override
    void connected(Connection fresh) {
        held.clear();
        List<Sent> toOffer = List.copyOf(unacked);
        unacked.clear();
        for (Sent sent : toOffer) {
            offer(fresh, sent);
        }
    }

    private void offer(Connection to, Sent sent) {
        unacked.add(new Sent(null, sent.task, sent.from, sent.to));
        send(to, new Event.ResultsOffered(to.id, sent.task.spec.id(), sent.from, sent.to, results(sent)));
    }

    @Override
    void sayAlive(Connection on) {
        Map<Long, Long> next = new HashMap<>();
        held.values().forEach(lease -> next.put(lease.lease, lease.next));
        send(on, new Event.Heartbeat(on.id, next));
    }

    @Override
    void forgetAll() {
        running = null;
        held.clear();
        unacked.clear();
    }

    @Override
    void disconnected() {
        held.clear();
    }

    @Override
    void drain() {
        Connection on = connection;
        if (on == null || isLeaving || character.plain()) {
            return;
        }
        isLeaving = true;
        send(on, new Event.WorkerDraining(on.id));
        leaveIfDone();
    }

    private void leaveIfDone() {
        Connection on = connection;
        if (isLeaving && running == null && on != null) {
            leave(on);
        }
    }

    // Its work.

    @Override
    void work() {
        if (running != null || connection == null || isLeaving) {
            return;
        }
        if (hungMs() > 0) {
            world.schedule(hungMs(), this::work);
            return;
        }
        for (Held lease : held.values()) {
            if (lease.next < lease.to) {
                begin(connection, lease);
                return;
            }
        }
    }

    private void begin(Connection on, Held lease) {
        long size = Math.min(lease.to - lease.next, 1 + random.nextLong(character.mostPerAnswer()));
        Batch batch = new Batch(on, lease, lease.next, lease.next + size);
        lease.next += size;
        running = batch;
        long ms = Math.max(1, size * character.msPerSubtask() / character.slots());
        world.schedule(ms, () -> finish(batch));
    }

    private void finish(Batch batch) {
        if (running != batch) {
            return; // It died.
        }
        if (hungMs() > 0) {
            world.schedule(hungMs(), () -> finish(batch));
            return;
        }
        running = null;
        SimulatedTask task = batch.lease.task;
        Connection on = connection;
        if (on == batch.connection) {
            if (!batch.isDropped) {
                answer(on, batch.lease, batch.from, batch.to);
            }
            if (batch.lease.next >= batch.lease.to) {
                held.remove(batch.lease.lease, batch.lease);
            }
            if (batch.lease.isCancelled) {
                release(on, batch.lease);
            }
        } else if (character.acks() && !task.spec.foldable() && !batch.isDropped) {
            Sent sent = new Sent(null, task, batch.from, batch.to);
            if (on == null) {
                unacked.add(sent);
            } else {
                offer(on, sent);
            }
        }
        leaveIfDone();
        work();
    }

    private void answer(Connection on, Held lease, long from, long to) {
        boolean isCombined = lease.task.spec.foldable() && to - from > 1;
        if (character.acks() && !isCombined) {
            unacked.add(new Sent(lease.lease, lease.task, from, to));
        }
        long sizeBytes = isCombined ? 20 : 8 * (to - from);
        SimulatedResults results = new SimulatedResults(lease.task, from, to - from, isCombined, sizeBytes);
        send(on, new Event.ResultsArrived(on.id, lease.lease, from, to, results, isCombined));
    }

    private static SimulatedResults results(Sent sent) {
        return new SimulatedResults(sent.task, sent.from, sent.to - sent.from, false, 8 * (sent.to - sent.from));
    }

    @Override
    void failNext(boolean isRetryable) {
        Connection on = connection;
        if (on == null) {
            return;
        }
        for (Held lease : held.values()) {
            if (lease.next < lease.to) {
                long index = lease.next++;
                send(on, new Event.SubtaskFailed(on.id, lease.lease, index, "it failed", isRetryable));
                if (lease.next == lease.to && (running == null || running.lease != lease)) {
                    held.remove(lease.lease);
                }
                return;
            }
        }
    }

    @Override
    void decline(SimulatedTask task) {
        Connection on = connection;
        if (on != null && character.derives().contains(task.spec.type())) {
            stop(task.spec.id());
            send(on, new Event.SplitDeclined(on.id, task.spec.id()));
        }
    }

    // What it is told.

    @Override
    void on(Effect.Assign assign) {
        Held lease = new Held(assign.lease(), world.task(assign.task()), assign.from(), assign.to());
        if (!diesOf(lease)) {
            held.put(lease.lease, lease);
            work();
        }
    }

    /** Some workers do not know this message either. */
    @Override
    void on(Effect.Revoke revoke) {
        Connection on = connection;
        if (on == null || !character.releasesLeases()) {
            return;
        }
        Held lease = held.get(revoke.lease());
        long from = revoke.from();
        if (lease != null) {
            from = Math.max(revoke.from(), lease.next);
            lease.to = Math.min(lease.to, from);
            if (lease.next >= lease.to && (running == null || running.lease != lease)) {
                held.remove(lease.lease);
            }
        }
        send(on, new Event.LeaseReleased(on.id, revoke.lease(), from));
    }

    /** Some code stops at once, some does not stop before it is done; and some workers do not know this message. */
    @Override
    void on(Effect.CancelLease cancel) {
        Connection on = connection;
        if (on == null || !character.cancelsLeases()) {
            return;
        }
        Held lease = held.remove(cancel.lease());
        if (lease == null) {
            send(on, new Event.LeaseReleased(on.id, cancel.lease(), BEYOND_ANY_LEASE));
        } else if (running == null || running.lease != lease) {
            release(on, lease);
        } else if (random.nextBoolean()) {
            running = null;
            release(on, lease);
            leaveIfDone();
            work();
        } else {
            lease.to = lease.next;
            lease.isCancelled = true;
        }
    }

    private void release(Connection on, Held lease) {
        send(on, new Event.LeaseReleased(on.id, lease.lease, lease.from));
    }

    @Override
    void on(Effect.Ack ack) {
        unacked.removeIf(sent -> (ack.lease() == null
                        ? sent.lease == null && sent.task.spec.id().equals(ack.task())
                        : ack.lease().equals(sent.lease))
                && ack.from() <= sent.from
                && sent.to <= ack.to());
    }

    @Override
    void onCancel(TaskId task) {
        stop(task);
        work();
    }

    private void stop(TaskId task) {
        held.values().removeIf(lease -> lease.task.spec.id().equals(task));
        if (running != null && running.lease.task.spec.id().equals(task)) {
            running.isDropped = true;
        }
    }

    @Override
    void onForget(TaskId task) {
        stop(task);
        unacked.removeIf(sent -> sent.task.spec.id().equals(task));
    }
}
