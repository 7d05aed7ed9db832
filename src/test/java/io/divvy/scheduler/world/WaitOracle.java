package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.CoreInspection.HeldLease;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Explanation;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import io.divvy.state.TaskId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who waits for whom: what is in the way of other work makes way, and nothing waits while somebody is free. */
final class WaitOracle {
    /** What is in the way of other work is asked for within so much time; mostly much sooner. */
    private static final long IN_THE_WAY_MS = 2_000;
    /** What waits behind others is asked back for work of higher priority within 100 ms, which is seen at the next look. */
    private static final long ASKED_BACK_MS = 400;

    private final World world;
    private final PeerTime time;
    private final Function<WorkerId, @Nullable WorkerConnection> connections;

    /** Copies that were in the way of other work when the core was last looked at, and since when. */
    private final Map<HeldLease, Long> needlessSinceMs = new HashMap<>();
    /** The same of leases with something unstarted. */
    private final Map<HeldLease, Long> keptSinceMs = new HashMap<>();
    /** The same where what waits is the first subtask of a task of the same priority. */
    private final Map<HeldLease, Long> keptFromNewcomerSinceMs = new HashMap<>();

    private long lastRevokePeerMs;
    /** Workers that had nothing though a task waited for one that has less, and since when. */
    private final Map<Idle, Long> idleSinceMs = new HashMap<>();
    /** Tasks that are to go before all others, since when, and how many leases of others went before them since. */
    private final Map<TaskId, Overdue> overdue = new HashMap<>();

    private record Idle(WorkerId worker, TaskId task) {}

    private static final class Overdue {
        private final long sinceMs;
        private int overtaken;

        Overdue(long sinceMs) {
            this.sinceMs = sinceMs;
        }
    }

    WaitOracle(World world, PeerTime time, Function<WorkerId, @Nullable WorkerConnection> connections) {
        this.world = world;
        this.time = time;
        this.connections = connections;
    }

    /** Nobody had the time that a clock jumped over to make way for something. */
    void clockTurned() {
        needlessSinceMs.clear();
        keptSinceMs.clear();
        keptFromNewcomerSinceMs.clear();
        idleSinceMs.clear();
        overdue.clear();
    }

    /** Time passed for the core. */
    void look(Scheduler core) {
        requireNoNeedlessCopies(CoreInspection.needlessCopies(core));
        requireRevoked(CoreInspection.keptFromHigher(core));
        requireRevokedForNewcomers(CoreInspection.keptFromNewcomer(core));
        List<TaskId> starving = starving(core);
        overdue.keySet().retainAll(starving);
        starving.forEach(task -> overdue.computeIfAbsent(task, any -> new Overdue(time.peerMs())));
    }

    private List<TaskId> starving(Scheduler core) {
        return CoreInspection.starving(
                core, time.coreMs() - world.settings().limits().longestStarvationMs());
    }

    /**
     * Who runs a copy although something else is ready for it is told to stop.
     *
     * @param copies all that are in the way now, those included of which that was said
     */
    private void requireNoNeedlessCopies(List<HeldLease> copies) {
        needlessSinceMs.keySet().retainAll(copies);
        for (HeldLease copy : copies) {
            WorkerConnection connection = connections.apply(copy.worker());
            WorkerConnection.Lease lease = connection == null ? null : connection.leases.get(copy.lease());
            long sinceMs = needlessSinceMs.computeIfAbsent(copy, needless -> time.peerMs());
            Violation.unless(
                    lease == null || lease.isCancelled || time.peerMs() - sinceMs <= IN_THE_WAY_MS,
                    () -> copy + " runs on though other work was ready for it for " + (time.peerMs() - sinceMs)
                            + " ms");
        }
    }

    /** Who holds something unstarted while work of higher priority waits for it is asked for that. */
    private void requireRevoked(List<HeldLease> kept) {
        keptSinceMs.keySet().retainAll(kept);
        for (HeldLease lease : kept) {
            long sinceMs = keptSinceMs.computeIfAbsent(lease, unasked -> time.peerMs());
            Violation.unless(
                    time.peerMs() - sinceMs <= ASKED_BACK_MS,
                    () -> lease + " is kept though work of higher priority waited for " + (time.peerMs() - sinceMs)
                            + " ms");
        }
    }

    /** While a task waits for its first subtask, one worker after the other that has unstarted work of equals is asked for it. */
    private void requireRevokedForNewcomers(List<HeldLease> kept) {
        keptFromNewcomerSinceMs.keySet().retainAll(kept);
        for (HeldLease lease : kept) {
            long sinceMs = keptFromNewcomerSinceMs.computeIfAbsent(lease, unasked -> time.peerMs());
            Violation.unless(
                    time.peerMs() - Math.max(sinceMs, lastRevokePeerMs) <= ASKED_BACK_MS,
                    () -> lease + " is kept though a task waits for its first subtask, and nobody was asked for "
                            + (time.peerMs() - Math.max(sinceMs, lastRevokePeerMs)) + " ms");
        }
    }

    void revoked() {
        lastRevokePeerMs = time.peerMs();
    }

    /** No work waits for a worker to have less while one that takes it has nothing. Looks at all tasks and workers. */
    void requireServed(Scheduler core) {
        Set<Idle> seen = new HashSet<>();
        for (SimulatedTask task : world.openTasks()) {
            List<Explanation> reasons = core.explain(task.id());
            if (reasons == null || reasons.stream().noneMatch(Explanation.WaitingForCredit.class::isInstance)) {
                continue;
            }
            for (WorkerSnapshot worker : core.workers()) {
                boolean isFree = worker.openLeases() == 0
                        && !worker.draining()
                        && worker.quarantinedUntilMs() == null
                        && !CoreInspection.isStalled(core, worker.id());
                WorkerConnection connection = connections.apply(worker.id());
                if (isFree && connection != null && connection.takes(task)) {
                    seen.add(new Idle(worker.id(), task.id()));
                }
            }
        }
        idleSinceMs.keySet().retainAll(seen);
        for (Idle idle : seen) {
            long sinceMs = idleSinceMs.computeIfAbsent(idle, free -> time.peerMs());
            Violation.unless(
                    time.peerMs() - sinceMs <= IN_THE_WAY_MS,
                    () -> idle + ": it had nothing for " + (time.peerMs() - sinceMs)
                            + " ms, and the task waited for a worker that has less");
        }
    }

    /** A lease was granted. Nobody gets a copy of what others run while there is something unstarted that could be moved to it. */
    void granted(Scheduler core, TaskId task, long lease) {
        List<HeldLease> movable = CoreInspection.copiedInsteadOf(core, task, lease);
        Violation.unless(
                movable.isEmpty(),
                () -> "lease " + lease + " is a copy, made though something unstarted could be moved: " + movable);
    }

    /** A lease went out. A task that waited for too long goes before all others but those that waited as long. */
    void assigned(Scheduler core, WorkerConnection to, Effect.Assign effect) {
        if (overdue.isEmpty() || CoreInspection.isTrial(core, effect.worker(), effect.lease())) {
            return;
        }
        overdue.remove(effect.task());
        overdue.keySet().retainAll(starving(core));
        overdue.forEach((id, waiting) -> {
            if (time.peerMs() - waiting.sinceMs > ASKED_BACK_MS && to.takes(world.task(id))) {
                waiting.overtaken++;
                Violation.unless(
                        waiting.overtaken <= world.settings().limits().openTasks(),
                        () -> effect + ", but " + world.task(id) + " waited for too long, and " + waiting.overtaken
                                + " leases went before it since");
            }
        });
    }
}
