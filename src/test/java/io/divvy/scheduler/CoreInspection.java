package io.divvy.scheduler;

import io.divvy.state.TaskId;
import java.util.List;

/** Opens to the simulated world what only tests of the core see. */
public final class CoreInspection {
    private CoreInspection() {}

    /** Throws unless every invariant of the core holds. */
    public static void checkInvariants(Scheduler core) {
        core.checkInvariants();
    }

    /** Whether a worker gets nothing because the core takes it to stand still. */
    public static boolean isStalled(Scheduler core, WorkerId worker) {
        return core.isStalled(worker);
    }

    /** A lease that a worker has. */
    public record HeldLease(WorkerId worker, long lease) {
        private static List<HeldLease> of(List<Lease> leases) {
            return leases.stream()
                    .map(lease -> new HeldLease(lease.worker.id, lease.number))
                    .toList();
        }
    }

    /** Copies on workers that would get something else if they held nothing. */
    public static List<HeldLease> needlessCopies(Scheduler core) {
        return HeldLease.of(core.needlessCopies());
    }

    /** Leases with something unstarted that nobody asked for, though ready work of higher rank waits for the worker. */
    public static List<HeldLease> keptFromHigher(Scheduler core) {
        return HeldLease.of(core.keptFromHigher());
    }

    /** Leases with something unstarted that nobody asked for. */
    public static List<HeldLease> unstarted(Scheduler core) {
        return HeldLease.of(core.unstarted());
    }

    /** A subtask. */
    public record Subtask(TaskId task, long index) {}

    /** What a worker would be taken to have run if it died now. */
    public static List<Subtask> running(Scheduler core, WorkerId worker) {
        return core.running(worker).stream()
                .map(running -> new Subtask(running.lease().task.spec.id(), running.index()))
                .toList();
    }

    /** Whether something waits for a commit or for the time, or is counted as unsaved. */
    public static boolean waitsForSomething(Scheduler core) {
        return core.waitsForSomething();
    }
}
