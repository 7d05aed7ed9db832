package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.Refusal;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.scheduler.world.SimulatedWorker.Character;
import io.divvy.state.TaskId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the core says to workers is held against what each said and was told, and against what is durable, before it goes out. */
final class WorkerOracle {
    private final World world;
    private final SimulatedStore store;
    private final boolean savesProgress;
    /** Of the workers that the core knows. */
    private final Map<WorkerId, WorkerConnection> connections = new LinkedHashMap<>();
    /** Those that it dropped, until that is done: their names are not free yet. */
    private final Map<WorkerId, WorkerConnection> dropped = new HashMap<>();

    /** Whether what the core answers now was said by a worker that never lied. */
    private boolean isHonest;

    private final ToLongFunction<TaskId> counted;
    private final PeerTime time;
    private final HoldOracle holds;
    private final WaitOracle waits;

    /** @param counted of an open task, how many of its subtasks are closed in the core */
    WorkerOracle(World world, SimulatedStore store, PeerTime time, ToLongFunction<TaskId> counted) {
        this.world = world;
        this.store = store;
        this.time = time;
        this.counted = counted;
        this.savesProgress = store.isDurable();
        this.holds = new HoldOracle(world, time);
        this.waits = new WaitOracle(world, time, this::find);
    }

    private void open(WorkerConnection connection, Event.WorkerJoined joined) {
        Character worker = connection.worker.character;
        WorkerTerms right = worker.plain()
                ? WorkerTerms.plain(Set.of(WorldType.NUMBERS.name()))
                : WorkerTerms.heartbeatEvery(SimulatedWorker.HEARTBEAT_MS)
                        .slots(worker.slots())
                        .credit(worker.credit())
                        .takes(worker.types())
                        .derives(worker.derives())
                        .acks(worker.acks())
                        .instance(connection.instance)
                        .build();
        Violation.unless(joined.terms().equals(right), () -> joined + ", but it said " + right);
        requireRightName(connection.worker, joined);
        connection.id = joined.worker();
        connection.name = joined.identity().name();
        connection.joinedMs = time.coreMs();
        connection.heardPeerMs = time.peerMs();
        connections.put(joined.worker(), connection);
    }

    /** It is told from others of its name by the lowest number that is free, so who comes again is known for the same. */
    private void requireRightName(SimulatedWorker worker, Event.WorkerJoined joined) {
        Set<String> taken = Stream.concat(connections.values().stream(), dropped.values().stream())
                .map(connection -> connection.name)
                .collect(Collectors.toSet());
        String wanted = worker.character.plain() ? joined.identity().host() : worker.name;
        String right = wanted;
        for (int number = 2; taken.contains(right); number++) {
            right = wanted + "-" + number;
        }
        String name = right;
        Violation.unless(
                joined.identity().name().equals(name), () -> joined + ", but " + name + " was free, and not " + taken);
    }

    /** Nobody had the time that a clock jumped over to make way for something, or to be heard. */
    void clockTurned() {
        connections.values().forEach(connection -> connection.mayBeSilent = true);
        holds.clockTurned();
        waits.clockTurned();
    }

    /** Time passed for the core. @param isThorough whether to look at all tasks and workers, which costs much */
    void look(Scheduler core, boolean isThorough) {
        holds.look(core);
        waits.look(core);
        if (isThorough) {
            waits.requireServed(core);
        }
        for (WorkerConnection connection : connections.values()) {
            Violation.unless(
                    connection.worker.character.plain() || connection.quietMs == SimulatedWorker.HEARTBEAT_MS,
                    () -> connection.worker + " is not shown that the server is there while that has nothing to say");
        }
        for (CoreInspection.HeldLease cancelled : CoreInspection.cancelled(core)) {
            WorkerConnection connection = connections.get(cancelled.worker());
            WorkerConnection.Lease lease = connection == null ? null : connection.leases.get(cancelled.lease());
            Violation.unless(lease == null || lease.isCancelled, () -> cancelled + " is to stop, but nobody said so");
        }
    }

    /** The connection of a worker that is there, or null. */
    @Nullable
    WorkerConnection find(WorkerId worker) {
        return connections.get(worker);
    }

    Collection<WorkerConnection> all() {
        return connections.values();
    }

    void close(WorkerId worker) {
        connections.remove(worker);
        dropped.remove(worker);
    }

    /**
     * The core heard this.
     *
     * @param on whose frame led to it, or null
     */
    void heard(Event event, @Nullable WorkerConnection on) {
        isHonest = on != null && !on.isTainted;
        if (event instanceof Event.WorkerJoined joined) {
            open(Violation.ifNull(on, () -> joined + " out of nothing"), joined);
        }
        if (on == null) {
            return;
        }
        Long lease = leaseIn(event);
        Violation.unless(
                !isHonest || lease == null || on.leases.containsKey(lease) || !on.worker.character.ships(),
                () -> on.worker + " says " + event + " of a lease that it did not get on this connection");
        if (event instanceof Event.ResultsArrived answer && answer.from() >= 0 && answer.from() < answer.to()) {
            WorkerConnection.Lease answered = on.leases.get(answer.lease());
            if (answered != null) {
                long added = answered.answered.add(answer.from(), answer.to());
                on.answered.merge(answered.task, added, Long::sum);
            }
        } else if (event instanceof Event.ResultsOffered offer) {
            IndexRanges offered = on.offered.computeIfAbsent(offer.task(), task -> new IndexRanges());
            if (offer.from() >= 0 && offer.from() < offer.to()) {
                offered.add(offer.from(), offer.to());
            }
        } else if (event instanceof Event.LeaseReleased released) {
            holds.released(on, released);
        }
    }

    /** What cannot count is refused, so that whoever said it knows. */
    void requireRefused(Event event, List<Effect> effects) {
        if (event instanceof Event.ResultsArrived answer) {
            WorkerConnection on = connections.get(answer.worker());
            WorkerConnection.Lease lease = on == null ? null : on.leases.get(answer.lease());
            Violation.unless(
                    lease == null
                            || lease.from <= answer.from() && answer.from() < answer.to() && answer.to() <= lease.to
                            || effects.stream().anyMatch(Effect.RefuseMessage.class::isInstance),
                    () -> answer + " is outside of its lease, and led to " + effects);
        } else if (event instanceof Event.ResultsOffered offer) {
            WorkerConnection on = connections.get(offer.worker());
            Violation.unless(
                    on == null
                            || on.takes(world.task(offer.task()))
                            || effects.contains(new Effect.Forget(offer.worker(), offer.task())),
                    () -> offer + " is of a type that " + on.worker + " does not take, and led to " + effects);
        }
    }

    /** The lease that a worker speaks of; null if of none. */
    private static @Nullable Long leaseIn(Event event) {
        if (event instanceof Event.ResultsArrived answer) {
            return answer.lease();
        } else if (event instanceof Event.SubtaskFailed failed) {
            return failed.lease();
        }
        return event instanceof Event.LeaseReleased released ? Long.valueOf(released.lease()) : null;
    }

    /** What a worker was told is durable is never given out again. */
    void requireNotDone(TaskId id, long from, long to) {
        SimulatedTask task = world.task(id);
        Violation.unless(
                task.acked.within(from, to).isEmpty(),
                () -> task + ": [" + from + ", " + to + ") is leased though workers heard that " + task.acked
                        + " is durable");
    }

    private WorkerConnection connectionOf(WorkerId worker, Effect effect) {
        return Violation.ifNull(connections.get(worker), () -> effect + ", but that worker is not connected");
    }

    private static WorkerConnection.Lease leaseOf(WorkerConnection connection, long number, Effect effect) {
        return Violation.ifNull(
                connection.leases.get(number), () -> effect + ", but that lease was never assigned to it");
    }

    void on(Effect.DescribeTask effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        Violation.unless(connection.described.add(effect.task()), () -> effect + " a second time");
    }

    void on(Effect.MakePayloads effect, Scheduler core) {
        requireNotDone(effect.task(), effect.from(), effect.to());
        waits.granted(core, effect.task(), effect.lease());
    }

    void on(Effect.Assign effect, Scheduler core) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        SimulatedTask task = world.task(effect.task());
        SimulatedWorker worker = connection.worker;
        Violation.unless(
                worker.character.plain() || connection.described.contains(effect.task()),
                () -> effect + ", but the task was not described to it");
        Violation.unless(
                connection.takes(task),
                () -> effect + ", but it does not take " + task.spec().type());
        Violation.unless(
                0 <= effect.from() && effect.from() < effect.to() && effect.to() <= task.subtasks(),
                () -> effect + ", but the task has " + task.subtasks());
        if (effect.payloads() == null) {
            Violation.unless(
                    task.spec().derivable()
                            && worker.character.derives().contains(task.spec().type()),
                    () -> effect + ", but it does not derive payloads");
            requireNotDone(effect.task(), effect.from(), effect.to());
            waits.granted(core, effect.task(), effect.lease());
        }
        WorkerConnection.Lease lease = new WorkerConnection.Lease(effect.task(), effect.from(), effect.to());
        lease.assignedPeerMs = time.peerMs();
        WorkerConnection.Lease former = connection.leases.put(effect.lease(), lease);
        Violation.unless(former == null, () -> effect + " uses the number of an older lease");
        holds.assigned(core, connection, effect);
        waits.assigned(core, connection, effect);
    }

    void on(Effect.Revoke effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        WorkerConnection.Lease lease = leaseOf(connection, effect.lease(), effect);
        Violation.unless(
                lease.from <= effect.from() && effect.from() < lease.to, () -> effect + " outside of the lease");
        holds.revoked(lease);
        waits.revoked();
    }

    void on(Effect.CancelLease effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        WorkerConnection.Lease lease = leaseOf(connection, effect.lease(), effect);
        Violation.unless(!lease.isCancelled, () -> effect + " a second time");
        Violation.unless(!connection.worker.character.plain(), () -> effect + ", but dialect 1 has no such message");
        lease.isCancelled = true;
    }

    void on(Effect.Ack effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        Violation.unless(connection.worker.character.acks(), () -> effect + ", but it wants no acks");
        IndexRanges answered = effect.lease() == null
                ? connection.offered.get(effect.task())
                : leaseOf(connection, effect.lease(), effect).answered;
        Violation.unless(
                answered != null
                        && answered.gapsWithin(effect.from(), effect.to()).isEmpty(),
                () -> effect + ", but it answered " + answered);
        SimulatedTask task = world.task(effect.task());
        Violation.unless(
                effect.lease() != null || connection.takes(task),
                () -> effect + ", but the offer of a worker that does not take "
                        + task.spec().type() + " cannot count");
        if (savesProgress) {
            Saved stored = store.find(effect.task());
            Violation.unless(
                    stored != null && stored.has(effect.from(), effect.to()),
                    () -> effect + ", but that is not durable");
            world.task(effect.task()).acked.add(effect.from(), effect.to());
        }
    }

    void on(Effect.CancelWork effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        Violation.unless(
                connection.described.contains(effect.task()), () -> effect + ", but the task was not described to it");
        connection.stopped.add(effect.task());
    }

    void on(Effect.Forget effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        Violation.unless(
                connection.described.remove(effect.task()) || connection.offered.containsKey(effect.task()),
                () -> effect + ", but it never heard of that task");
        Saved stored = store.find(effect.task());
        Violation.unless(
                stored == null
                        || stored.end != null
                        || !savesProgress
                        || !connection.takes(stored.task)
                        || stored.closed() == counted.applyAsLong(effect.task()),
                () -> effect + ", but neither its end nor all that counts of it is durable");
        connection.stopped.add(effect.task());
    }

    void on(Effect.RefuseMessage effect) {
        connectionOf(effect.worker(), effect).wasRefused = true;
        Violation.unless(
                !isHonest || effect.refusal().kind() != Refusal.Kind.BAD_MESSAGE,
                () -> effect + ", but that was an honest message");
    }

    /** The core missed the worker. */
    void noteMissed(Effect.DropWorker effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        long silentMs = time.peerMs() - connection.heardPeerMs;
        Violation.unless(
                !effect.reason().startsWith("no sign of life")
                        || silentMs >= world.settings().limits().missedHeartbeats() * SimulatedWorker.HEARTBEAT_MS,
                () -> effect + ", but it had only " + silentMs + " ms to be heard");
        Violation.unless(
                connection.mayBeSilent || !effect.reason().startsWith("no sign of life"),
                () -> effect + ", but nothing is wrong with it");
    }

    void on(Effect.DropWorker effect) {
        dropped.put(effect.worker(), connectionOf(effect.worker(), effect));
        connections.remove(effect.worker());
    }

    void on(Effect.GoAway effect) {
        connectionOf(effect.worker(), effect);
    }
}
