package io.divvy.scheduler.world;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A worker process. Left alone it is honest: it works on its leases in order, answers each index once, gives back what it is
 * asked to, keeps what is not acknowledged, and when its connection breaks it takes a new one and offers that.
 */
final class SimulatedWorker {
    static final long HEARTBEAT_MS = 5_000;
    private static final long RECONNECT_MS = 300;
    private static final long BEYOND_ANY_LEASE = 1L << 50;

    final String name;
    private final World world;
    final Character character;
    private final SplittableRandom random;

    @Nullable
    Connection connection;

    /** Leases of the present connection that it has not finished, in their order. */
    final Map<Long, Held> held = new LinkedHashMap<>();
    /** Leases that it ever had on this connection, for those that lie. */
    final List<Held> known = new ArrayList<>();
    /** Results for which no ack came. */
    final List<Sent> unacked = new ArrayList<>();

    private @Nullable Batch running;
    private boolean isAlive = true;
    private boolean isLeaving;
    private long hungUntilMs;
    private boolean isSilent;
    /** How often it still dies as soon as it gets something. */
    private int crashes;
    /** Whether only with what it died with first. */
    private boolean isPicky;

    private @Nullable Held fatal;

    /** What it is like, for as long as it lives. */
    record Character(
            boolean plain,
            int slots,
            int credit,
            @Nullable Set<String> types,
            Set<String> derives,
            boolean acks,
            boolean cancelsLeases,
            boolean releasesLeases,
            int msPerSubtask,
            long mostPerAnswer) {}

    /** A lease that it holds. {@code next} is what it starts next. */
    static final class Held {
        final long lease;
        final SimulatedTask task;
        final long from;
        long to;
        long next;
        /** Whether it is to be released when what runs of it is done. */
        boolean isCancelled;

        Held(long lease, SimulatedTask task, long from, long to) {
            this.lease = lease;
            this.task = task;
            this.from = from;
            this.to = to;
            this.next = from;
        }
    }

    /** Results that it sent. @param lease null for an offer */
    record Sent(@Nullable Long lease, SimulatedTask task, long from, long to) {}

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

    SimulatedWorker(World world, String name, Character character, SplittableRandom random) {
        this.world = world;
        this.name = name;
        this.character = character;
        this.random = random;
    }

    /** What it says on each of its connections; null if it says nothing of the kind. One that crashes says it all the same. */
    @Nullable
    String instance() {
        return character.plain || name.hashCode() % 2 == 0 ? null : "instance of " + name;
    }

    boolean isAlive() {
        return isAlive;
    }

    boolean isConnected() {
        return connection != null;
    }

    // Its life.

    void connect() {
        if (!isAlive || connection != null) {
            return;
        }
        SimulatedServer server = world.server();
        if (!server.isRunning()) {
            world.schedule(RECONNECT_MS, this::connect);
            return;
        }
        Connection fresh = new Connection(world, world.newWorkerId(), this, random.split());
        connection = fresh;
        held.clear();
        known.clear();
        fresh.toServer(() -> server.join(fresh));
        if (!character.plain) {
            List<Sent> toOffer = List.copyOf(unacked);
            unacked.clear();
            for (Sent sent : toOffer) {
                offer(fresh, sent);
            }
            beat(fresh);
        }
    }

    private void offer(Connection to, Sent sent) {
        unacked.add(new Sent(null, sent.task, sent.from, sent.to));
        send(to, new Event.ResultsOffered(to.id, sent.task.spec.id(), sent.from, sent.to, results(sent)));
    }

    private void beat(Connection on) {
        if (connection != on || !isAlive) {
            return;
        }
        if (!isSilent || hungUntilMs <= world.nowMs()) {
            Map<Long, Long> next = new HashMap<>();
            held.values().forEach(lease -> next.put(lease.lease, lease.next));
            send(on, new Event.Heartbeat(on.id, next));
        }
        world.schedule(HEARTBEAT_MS, () -> beat(on));
    }

    /** The process dies, with all that it had. */
    void die() {
        isAlive = false;
        connection = null;
        running = null;
        held.clear();
        unacked.clear();
    }

    /**
     * From now on it dies with whatever it gets, so often; something starts it again each time.
     *
     * @param isPicky whether it dies again only with what it died with first, and works on what else it gets
     */
    void crash(int times, boolean isPicky) {
        crashes = times;
        this.isPicky = isPicky;
        fatal = null;
    }

    private boolean diesOf(Held lease) {
        Held first = fatal;
        return crashes > 0
                && !isLeaving
                && (!isPicky
                        || first == null
                        || first.task == lease.task && lease.from <= first.from && first.from < lease.to);
    }

    private void crashNow(Connection on, Held lease) {
        crashes--;
        fatal = fatal == null ? lease : fatal;
        connection = null;
        running = null;
        held.clear();
        unacked.clear();
        on.cut();
        world.schedule(1, () -> world.server().leave(on));
        world.schedule(2 + random.nextInt(300), this::connect);
    }

    /** It does nothing for a while. @param isSilent whether it shows no sign of life either */
    void hang(long ms, boolean isSilent) {
        hungUntilMs = Math.max(hungUntilMs, world.nowMs() + ms);
        this.isSilent = isSilent;
    }

    void wake() {
        hungUntilMs = 0;
        crashes = 0;
        work();
    }

    /** It heard that the connection is gone. */
    void lost(Connection gone) {
        if (connection != gone) {
            return;
        }
        connection = null;
        held.clear();
        if (isLeaving) {
            die();
        } else {
            world.schedule(1 + random.nextInt(1_000), this::connect);
        }
    }

    /** It takes nothing new, finishes what it has started, and goes. */
    void drain() {
        Connection on = connection;
        if (on == null || isLeaving || character.plain) {
            return;
        }
        isLeaving = true;
        send(on, new Event.WorkerDraining(on.id));
        leaveIfDone();
    }

    private void leaveIfDone() {
        Connection on = connection;
        if (isLeaving && running == null && on != null) {
            on.toServer(() -> world.server().leave(on));
            die();
        }
    }

    // Its work.

    private void work() {
        if (running != null || connection == null || isLeaving) {
            return;
        }
        long hungMs = hungUntilMs - world.nowMs();
        if (hungMs > 0) {
            world.schedule(hungMs, this::work);
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
        long size = Math.min(lease.to - lease.next, 1 + random.nextLong(character.mostPerAnswer));
        Batch batch = new Batch(on, lease, lease.next, lease.next + size);
        lease.next += size;
        running = batch;
        long ms = Math.max(1, size * character.msPerSubtask / character.slots);
        world.schedule(ms, () -> finish(batch));
    }

    private void finish(Batch batch) {
        if (running != batch) {
            return; // It died.
        }
        long hungMs = hungUntilMs - world.nowMs();
        if (hungMs > 0) {
            world.schedule(hungMs, () -> finish(batch));
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
        } else if (character.acks && !task.spec.foldable() && !batch.isDropped) {
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
        if (character.acks && !isCombined) {
            unacked.add(new Sent(lease.lease, lease.task, from, to));
        }
        long sizeBytes = isCombined ? 20 : 8 * (to - from);
        SimulatedResults results = new SimulatedResults(lease.task, from, to - from, isCombined, sizeBytes);
        send(on, new Event.ResultsArrived(on.id, lease.lease, from, to, results, isCombined));
    }

    /** It answers something again that it answered before. */
    void repeat(Held lease, long from, long to) {
        Connection on = connection;
        if (on != null) {
            boolean isCombined = lease.task.spec.foldable() && to - from > 1;
            SimulatedResults results = new SimulatedResults(lease.task, from, to - from, isCombined, 8);
            send(on, new Event.ResultsArrived(on.id, lease.lease, from, to, results, isCombined));
        }
    }

    private static SimulatedResults results(Sent sent) {
        return new SimulatedResults(sent.task, sent.from, sent.to - sent.from, false, 8 * (sent.to - sent.from));
    }

    /** The subtask that it would start next fails. */
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

    /** What it cannot derive it says, and drops. */
    void decline(SimulatedTask task) {
        Connection on = connection;
        if (on != null && character.derives.contains(task.spec.type())) {
            stop(task.spec.id());
            send(on, new Event.SplitDeclined(on.id, task.spec.id()));
        }
    }

    private void send(Connection on, Event event) {
        on.toServer(() -> world.server().fromWorker(on, event, true));
    }

    /** What an honest worker would not say. */
    void lie(Event event) {
        Connection on = connection;
        if (on != null) {
            on.toServer(() -> world.server().fromWorker(on, event, false));
        }
    }

    // What it is told. All of it came over the present connection: the others are cut.

    void on(Effect.Assign assign) {
        Held lease = new Held(assign.lease(), world.task(assign.task()), assign.from(), assign.to());
        held.put(lease.lease, lease);
        known.add(lease);
        Connection on = connection;
        if (on != null && diesOf(lease)) {
            crashNow(on, lease);
            return;
        }
        work();
    }

    /** Some workers do not know this message either. */
    void on(Effect.Revoke revoke) {
        Connection on = connection;
        if (on == null || !character.releasesLeases) {
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
    void on(Effect.CancelLease cancel) {
        Connection on = connection;
        if (on == null || !character.cancelsLeases) {
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

    void on(Effect.Ack ack) {
        unacked.removeIf(sent -> (ack.lease() == null
                        ? sent.lease == null && sent.task.spec.id().equals(ack.task())
                        : ack.lease().equals(sent.lease))
                && ack.from() <= sent.from
                && sent.to <= ack.to());
    }

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

    void onForget(TaskId task) {
        stop(task);
        unacked.removeIf(sent -> sent.task.spec.id().equals(task));
    }

    void onGoAway() {
        drain();
    }

    @Override
    public String toString() {
        return name;
    }
}
