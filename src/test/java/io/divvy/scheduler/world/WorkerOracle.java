package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.CoreInspection.HeldLease;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Explanation;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.Refusal;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.scheduler.world.SimulatedWorker.Character;
import io.divvy.state.TaskId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What the core says to workers is held against what each said and was told, and against what is durable, before it goes out. */
final class WorkerOracle {
    /** What is in the way of other work is asked for within so much time; mostly much sooner. */
    private static final long IN_THE_WAY_MS = 2_000;

    private final World world;
    private final SimulatedStore store;
    private final boolean savesProgress;
    /** Of the workers that the core knows. */
    private final Map<WorkerId, WorkerConnection> connections = new LinkedHashMap<>();
    /** What waits behind others is asked back for work of higher priority within 100 ms, which is seen at the next look. */
    private static final long ASKED_BACK_MS = 400;

    /** Copies that were in the way of other work when the core was last looked at, and since when. */
    private final Map<HeldLease, Long> needlessSinceMs = new HashMap<>();
    /** The same of leases with something unstarted. */
    private final Map<HeldLease, Long> keptSinceMs = new HashMap<>();
    /** Leases with something unstarted that was not asked for, and since when. */
    private final Map<HeldLease, Long> unstartedSinceMs = new HashMap<>();
    /** Workers that had nothing though a task waited for one that has less, and since when. */
    private final Map<Idle, Long> idleSinceMs = new HashMap<>();

    private record Idle(WorkerId worker, TaskId task) {}

    /** Whether what the core answers now was said by a worker that never lied. */
    private boolean isHonest;

    private long lostMs;
    /** How far peers' time went back altogether: no time passed for the core while the clock was behind, and more was lost. */
    private long setBackMs;

    private long coreMs;
    private final ToLongFunction<TaskId> counted;

    /** @param counted of an open task, how many of its subtasks are closed in the core */
    WorkerOracle(World world, SimulatedStore store, boolean savesProgress, ToLongFunction<TaskId> counted) {
        this.world = world;
        this.store = store;
        this.counted = counted;
        this.savesProgress = savesProgress;
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
        connection.id = joined.worker();
        connection.name = joined.identity().name();
        connection.heardPeerMs = peerMs();
        connections.put(joined.worker(), connection);
    }

    /** The server stood still for so long. */
    void lost(long ms) {
        long beforeMs = coreMs - lostMs;
        lostMs += ms;
        setBackMs += Math.max(0, beforeMs - peerMs());
    }

    /** Nobody had the time that a clock jumped over to make way for something, or to be heard. */
    void clockTurned() {
        connections.values().forEach(connection -> connection.mayBeSilent = true);
        needlessSinceMs.clear();
        keptSinceMs.clear();
        unstartedSinceMs.clear();
        idleSinceMs.clear();
    }

    /** The time that workers had to be heard, by the server's clock. To be asked whenever the core looks at that clock. */
    long peerMs() {
        coreMs = Math.max(coreMs, world.clockMs());
        return coreMs - lostMs;
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
                answered.answered.add(answer.from(), answer.to());
            }
        } else if (event instanceof Event.ResultsOffered offer) {
            IndexRanges offered = on.offered.computeIfAbsent(offer.task(), task -> new IndexRanges());
            if (offer.from() >= 0 && offer.from() < offer.to()) {
                offered.add(offer.from(), offer.to());
            }
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

    private static boolean takes(Character worker, SimulatedTask task) {
        return worker.types() == null || worker.types().contains(task.spec.type());
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

    void on(Effect.Assign effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        SimulatedTask task = world.task(effect.task());
        SimulatedWorker worker = connection.worker;
        Violation.unless(
                worker.character.plain() || connection.described.contains(effect.task()),
                () -> effect + ", but the task was not described to it");
        Violation.unless(takes(worker.character, task), () -> effect + ", but it does not take " + task.spec.type());
        Violation.unless(
                0 <= effect.from() && effect.from() < effect.to() && effect.to() <= task.subtasks(),
                () -> effect + ", but the task has " + task.subtasks());
        if (effect.payloads() == null) {
            Violation.unless(
                    task.spec.derivable() && worker.character.derives().contains(task.spec.type()),
                    () -> effect + ", but it does not derive payloads");
            requireNotDone(effect.task(), effect.from(), effect.to());
        }
        WorkerConnection.Lease former = connection.leases.put(
                effect.lease(), new WorkerConnection.Lease(effect.task(), effect.from(), effect.to()));
        Violation.unless(former == null, () -> effect + " uses the number of an older lease");
    }

    void on(Effect.Revoke effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        WorkerConnection.Lease lease = leaseOf(connection, effect.lease(), effect);
        Violation.unless(
                lease.from <= effect.from() && effect.from() < lease.to, () -> effect + " outside of the lease");
    }

    void on(Effect.CancelLease effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        WorkerConnection.Lease lease = leaseOf(connection, effect.lease(), effect);
        Violation.unless(!lease.isCancelled, () -> effect + " a second time");
        Violation.unless(!connection.worker.character.plain(), () -> effect + ", but dialect 1 has no such message");
        lease.isCancelled = true;
    }

    /**
     * Who runs a copy although something else is ready for it is told to stop.
     *
     * @param copies all that are in the way now, those included of which that was said
     */
    void requireNoNeedlessCopies(List<HeldLease> copies) {
        needlessSinceMs.keySet().retainAll(copies);
        for (HeldLease copy : copies) {
            WorkerConnection connection = connections.get(copy.worker());
            WorkerConnection.Lease lease = connection == null ? null : connection.leases.get(copy.lease());
            long sinceMs = needlessSinceMs.computeIfAbsent(copy, needless -> peerMs());
            Violation.unless(
                    lease == null || lease.isCancelled || peerMs() - sinceMs <= IN_THE_WAY_MS,
                    () -> copy + " runs on though other work was ready for it for " + (peerMs() - sinceMs) + " ms");
        }
    }

    /** Who holds something unstarted while work of higher priority waits for it is asked for that. */
    void requireRevoked(List<HeldLease> kept) {
        keptSinceMs.keySet().retainAll(kept);
        for (HeldLease lease : kept) {
            long sinceMs = keptSinceMs.computeIfAbsent(lease, unasked -> peerMs());
            Violation.unless(
                    peerMs() - sinceMs <= ASKED_BACK_MS,
                    () -> lease + " is kept though work of higher priority waited for " + (peerMs() - sinceMs) + " ms");
        }
    }

    /** What a worker was given and has not started in time is asked for, whether anybody else waits for it or not. */
    void requireTakenBack(List<HeldLease> unstarted) {
        long mostMs = world.settings().limits().holdMs() + ASKED_BACK_MS + setBackMs;
        unstartedSinceMs.keySet().retainAll(unstarted);
        for (HeldLease lease : unstarted) {
            long sinceMs = unstartedSinceMs.computeIfAbsent(lease, unasked -> peerMs());
            Violation.unless(
                    peerMs() - sinceMs <= mostMs,
                    () -> lease + " lies unstarted at its worker for " + (peerMs() - sinceMs) + " ms");
        }
    }

    /** No work waits for a worker to have less while one that takes it has nothing. */
    void requireServed(Scheduler core, Collection<SimulatedTask> tasks) {
        Set<Idle> seen = new HashSet<>();
        for (SimulatedTask task : tasks) {
            List<Explanation> reasons = core.explain(task.id());
            if (reasons == null || reasons.stream().noneMatch(Explanation.WaitingForCredit.class::isInstance)) {
                continue;
            }
            for (WorkerSnapshot worker : core.workers()) {
                boolean isFree = worker.openLeases() == 0
                        && !worker.draining()
                        && worker.quarantinedUntilMs() == null
                        && !CoreInspection.isStalled(core, worker.id());
                WorkerConnection connection = connections.get(worker.id());
                if (isFree && connection != null && takes(connection.worker.character, task)) {
                    seen.add(new Idle(worker.id(), task.id()));
                }
            }
        }
        idleSinceMs.keySet().retainAll(seen);
        for (Idle idle : seen) {
            long sinceMs = idleSinceMs.computeIfAbsent(idle, free -> peerMs());
            Violation.unless(
                    peerMs() - sinceMs <= IN_THE_WAY_MS,
                    () -> idle + ": it had nothing for " + (peerMs() - sinceMs)
                            + " ms, and the task waited for a worker that has less");
        }
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
        Character worker = connection.worker.character;
        SimulatedTask task = world.task(effect.task());
        Violation.unless(
                effect.lease() != null || takes(worker, task),
                () -> effect + ", but the offer of a worker that does not take " + task.spec.type() + " cannot count");
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
                        || !takes(connection.worker.character, stored.task)
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

    /** The core missed the worker. What that ran nobody can tell any more: it can have been anything that it ever had. */
    void noteMissed(Effect.DropWorker effect) {
        WorkerConnection connection = connectionOf(effect.worker(), effect);
        long silentMs = peerMs() - connection.heardPeerMs;
        Violation.unless(
                !effect.reason().startsWith("no sign of life")
                        || silentMs >= world.settings().limits().missedHeartbeats() * SimulatedWorker.HEARTBEAT_MS,
                () -> effect + ", but it had only " + silentMs + " ms to be heard");
        Violation.unless(
                connection.mayBeSilent || !effect.reason().startsWith("no sign of life"),
                () -> effect + ", but nothing is wrong with it");
        for (WorkerConnection.Lease lease : connection.leases.values()) {
            for (long index = lease.from; index < lease.to; index++) {
                world.task(lease.task).loneDeaths.add(index, connection.name, true);
            }
        }
    }

    void on(Effect.DropWorker effect) {
        connectionOf(effect.worker(), effect);
        connections.remove(effect.worker());
    }

    void on(Effect.GoAway effect) {
        connectionOf(effect.worker(), effect);
    }
}
