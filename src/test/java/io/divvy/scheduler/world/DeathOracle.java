package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection;
import io.divvy.scheduler.CoreInspection.Subtask;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerSnapshot;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskSnapshot;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the death of a worker says, of the subtask that it ran and of its name, as far as one life of the server knows. */
final class DeathOracle {
    private final World world;
    private final PeerTime time;
    /** By name of worker, the last that died; nothing is known of a name whose last one left in another way. */
    private final Map<String, Death> deaths = new HashMap<>();
    /** Who got nothing before the last worker died: that may end with its death, too late to count as a witness. */
    private Set<WorkerId> quarantinedBefore = Set.of();

    /**
     * A worker that died, or looked like it.
     *
     * @param ran what it is taken to have died of
     * @param heldUntilMs until when no worker of its name gets anything
     */
    private record Death(@Nullable String instance, List<Subtask> ran, long atMs, long heldUntilMs) {}

    DeathOracle(World world, PeerTime time) {
        this.world = world;
        this.time = time;
    }

    /** A worker is gone, and the core does not know yet. */
    void leaves(Scheduler core) {
        quarantinedBefore = core.workers().stream()
                .filter(worker -> worker.quarantinedUntilMs() != null)
                .map(WorkerSnapshot::id)
                .collect(Collectors.toSet());
    }

    /** A worker went away. If it died and ran one subtask and nothing else, that may count against the subtask. */
    void left(WorkerConnection connection) {
        if (!connection.isGone) {
            deaths.remove(connection.name); // The server ended it, or was told that it would leave.
            return;
        }
        List<Subtask> ran = connection.takenToRun;
        if (ran.isEmpty()) {
            deaths.remove(connection.name);
            return;
        }
        deaths.put(connection.name, new Death(connection.instance, ran, time.coreMs(), heldUntilMs(connection)));
        if (ran.size() == 1) {
            Subtask subtask = ran.get(0);
            requireBegun(connection, subtask);
            LoneDeaths ofTask = world.task(subtask.task()).loneDeaths;
            ofTask.add(subtask.index(), connection.name, connection.isProven);
            if (ofTask.of(subtask.index()).most() >= world.settings().limits().deathsUntilPoison()) {
                deaths.clear(); // That may be a verdict, and who died with it is not to blame.
            }
        }
    }

    /** A worker that dies at once with something else than the last of its name did is held for a second at least. */
    private long heldUntilMs(WorkerConnection connection) {
        Death former = deaths.get(connection.name);
        boolean diesOfAnything = former != null
                && Collections.disjoint(former.ran, connection.takenToRun)
                && !connection.isProven
                && time.coreMs() - connection.joinedMs < Limits.GOOD_WORK_MS;
        return diesOfAnything ? time.coreMs() + Limits.QUARANTINE_SHORTEST_MS : 0;
    }

    /** The server missed a worker. What that ran nobody can tell any more: it can have been anything that it ever had. */
    void missed(WorkerConnection connection) {
        deaths.remove(connection.name);
        for (WorkerConnection.Lease lease : connection.leases.values()) {
            for (long index = lease.from; index < lease.to; index++) {
                world.task(lease.task).loneDeaths.add(index, connection.name, true);
            }
        }
    }

    /** A worker joined. If it is the one that was lost last under its name, that did not die. */
    void joined(WorkerConnection connection) {
        Death last = deaths.get(connection.name);
        if (last == null || last.instance == null || !last.instance.equals(connection.instance)) {
            return;
        }
        deaths.remove(connection.name);
        for (Subtask subtask : last.ran) {
            LoneDeaths ofTask = world.task(subtask.task()).loneDeaths;
            boolean isBelieved = ofTask.countBack(subtask.index()) <= Limits.LOSSES_TAKEN_BACK
                    && time.coreMs() - last.atMs <= Limits.LOSS_REMEMBERED_MS;
            if (isBelieved && last.ran.size() == 1) {
                ofTask.takeBack(subtask.index(), connection.name);
            }
        }
    }

    /** A worker was given something. */
    void assigned(WorkerConnection connection) {
        Death last = deaths.get(connection.name);
        Violation.unless(
                last == null || last.heldUntilMs <= time.coreMs(),
                () -> connection.worker
                        + " gets something at once, though workers of its name die of whatever they get, the"
                        + " last: " + last);
    }

    /**
     * What is suspected of a death was begun by that worker. Unless it ran only what it was told to stop, or what it got over a
     * former connection or under a lease that has ended: of that the server cannot know.
     */
    private static void requireBegun(WorkerConnection connection, Subtask suspect) {
        List<Subtask> ran = connection.worker.ranLast(connection);
        Violation.unless(
                connection.isTainted
                        || connection.hasBegun(suspect)
                        || ran.stream()
                                .noneMatch(subtask -> connection.hasBegun(subtask)
                                        && connection.hadOpen(subtask)
                                        && !connection.stopped.contains(subtask.task())),
                () -> suspect + " is suspected of the death of " + connection.worker + ", which ran " + ran);
    }

    /** Who is called poison took down different workers, or all there are, the last of them one that works. */
    void requireFairVerdict(Scheduler core, TaskSnapshot end) {
        TaskFailure failure = end.failure();
        if (failure == null || failure.code() != TaskFailure.Code.SUBTASK_POISONOUS || failure.subtask() == null) {
            return;
        }
        LoneDeaths.Seen seen = world.task(end.spec().id()).loneDeaths.of(failure.subtask());
        List<WorkerSnapshot> takers = core.workers().stream()
                .filter(worker -> !worker.draining()
                        && worker.quarantinedUntilMs() == null
                        && !quarantinedBefore.contains(worker.id())
                        && !CoreInspection.isStalled(core, worker.id())
                        && (worker.taskTypes() == null
                                || worker.taskTypes().contains(end.spec().type())))
                .toList();
        Violation.unless(
                seen.names().size() >= world.settings().limits().deathsUntilPoison()
                        || takers.stream().allMatch(taker -> seen.names().contains(taker.name())),
                () -> end + " is called poison after " + seen + ", but there are " + takers);
        Violation.unless(
                seen.wasLastProven() || takers.stream().noneMatch(taker -> taker.subtasksDone() > 0),
                () -> end + " is called poison after " + seen + " though there are proven workers: " + takers);
        Violation.unless(
                failure.message().contains("closed without a word")
                        || failure.message().contains("no sign of life"),
                () -> end + " does not say what was seen of these deaths");
    }
}
