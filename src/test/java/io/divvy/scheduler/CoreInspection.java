package io.divvy.scheduler;

import io.divvy.state.TaskId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What only tests see of the core. */
public final class CoreInspection {
    private CoreInspection() {}

    /** Throws unless every invariant of the core holds. Its cost grows with the open tasks. */
    public static void checkInvariants(Scheduler core) {
        new Invariants(core).check();
    }

    /**
     * Throws unless every invariant holds of what a turn named, at a cost that does not grow with all else.
     *
     * @param event null if time passed
     */
    public static void checkTouched(Scheduler core, @Nullable Event event, List<Effect> effects) {
        new Invariants(core).check(new Touched(event, effects));
    }

    /** Whether a worker gets nothing because it stands still, or is about to be gone as it broke the protocol. */
    public static boolean isStalled(Scheduler core, WorkerId id) {
        WorkerView worker = core.workers.find(id);
        return worker != null && (worker.headway.owes() || worker.hasBrokenProtocol());
    }

    /** Whether a worker has a lease of that number, which has not ended. */
    public static boolean isOpen(Scheduler core, WorkerId id, long number) {
        WorkerView worker = core.workers.find(id);
        return worker != null && worker.leases.get(number) != null;
    }

    /** The task of an open or ended lease, or null if the worker never had a lease of that number. */
    public static @Nullable TaskId taskOf(Scheduler core, WorkerId id, long number) {
        WorkerView worker = core.workers.find(id);
        if (worker == null) {
            return null;
        }
        Lease open = worker.leases.get(number);
        EndedLeases.Ended ended = worker.ended.find(number);
        return open != null ? open.task.spec.id() : ended == null ? null : ended.task();
    }

    /** A lease that a worker has. */
    public record HeldLease(WorkerId worker, long lease) {
        private static HeldLease of(Lease lease) {
            return new HeldLease(lease.worker.id, lease.number);
        }
    }

    /** Copies, asked to be stopped or not, on workers that would get something else if they held nothing. */
    public static List<HeldLease> needlessCopies(Scheduler core) {
        return core.workers.all().stream()
                .filter(core.dispatcher::hasReadyFor)
                .flatMap(worker -> worker.copies.all().stream())
                .filter(lease -> lease.isAssigned)
                .map(HeldLease::of)
                .toList();
    }

    /** Leases with something unstarted that nobody asked for, though ready work of higher rank waits for the worker. */
    public static List<HeldLease> keptFromHigher(Scheduler core) {
        return core.workers.all().stream()
                .filter(worker -> !worker.plain)
                .flatMap(worker -> core.dispatcher.keptFromHigher(worker).stream())
                .map(HeldLease::of)
                .toList();
    }

    /** Leases with something unstarted that nobody asked for. */
    public static List<HeldLease> unstarted(Scheduler core) {
        return core.workers.all().stream()
                .filter(worker -> !worker.plain)
                .flatMap(worker -> worker.askable().stream())
                .map(HeldLease::of)
                .toList();
    }

    /** The same where the work that waits is a task that waits for its first subtask behind equals that have begun. */
    public static List<HeldLease> keptFromNewcomer(Scheduler core) {
        return core.workers.all().stream()
                .filter(worker -> !worker.plain)
                .flatMap(worker -> core.dispatcher.keptFromNewcomer(worker).stream())
                .map(HeldLease::of)
                .toList();
    }

    /** Leases of which something was asked back that their workers did not give back, and that nobody else gets yet. */
    public static List<HeldLease> awaited(Scheduler core) {
        return core.workers.all().stream()
                .flatMap(worker -> worker.leases.values().stream())
                .filter(Lease::isAwaited)
                .map(HeldLease::of)
                .toList();
    }

    /** Leases that their workers are taken to have been told to stop. */
    public static List<HeldLease> cancelled(Scheduler core) {
        return core.workers.all().stream()
                .flatMap(worker -> worker.leases.values().stream())
                .filter(lease -> lease.isAssigned && lease.isCancelled)
                .map(HeldLease::of)
                .toList();
    }

    /** What could have been given to a worker that was granted this lease, if it is a copy of what another one runs. */
    public static List<HeldLease> copiedInsteadOf(Scheduler core, TaskId id, long number) {
        TaskState task = core.tasks.find(id);
        Lease lease = task == null ? null : task.leases.get(number);
        return lease == null || !lease.isSpeculative || lease.isCancelled
                ? List.of()
                : core.dispatcher.movableTo(lease.worker).stream()
                        .map(HeldLease::of)
                        .toList();
    }

    /** Leases of which something was asked back that their workers said nothing of. */
    public static List<HeldLease> asked(Scheduler core) {
        return core.workers.all().stream()
                .flatMap(worker -> worker.leases.values().stream())
                .filter(lease -> lease.worker.revokes.isAsked(lease.number))
                .map(HeldLease::of)
                .toList();
    }

    /** Tasks of which a lease could be cut since then, and none was, while nothing waited for the store. */
    public static List<TaskId> starving(Scheduler core, long sinceMs) {
        List<TaskId> starving = new ArrayList<>();
        for (TaskState task : core.tasks.all()) {
            if (!core.journal.isFull() && task.place.starvesSince(sinceMs)) {
                starving.add(task.spec.id());
            }
        }
        return starving;
    }

    /** Whether a lease is of a suspect, alone with its worker. */
    public static boolean isTrial(Scheduler core, WorkerId id, long number) {
        WorkerView worker = core.workers.find(id);
        Lease lease = worker == null ? null : worker.leases.get(number);
        return lease != null && lease.isTrial;
    }

    /** How many subtasks of a task a worker holds, counted anew. */
    public static long held(Scheduler core, WorkerId id, TaskId task) {
        WorkerView worker = core.workers.find(id);
        return worker == null
                ? 0
                : worker.leases.values().stream()
                        .filter(lease -> lease.task.spec.id().equals(task))
                        .mapToLong(lease -> lease.unanswered.size())
                        .sum();
    }

    /** A subtask. */
    public record Subtask(TaskId task, long index) {}

    /** What a worker would be taken to have run if it died now. */
    public static List<Subtask> running(Scheduler core, WorkerId id) {
        WorkerView worker = core.workers.find(id);
        return worker == null
                ? List.of()
                : WorkerDeaths.running(worker).stream()
                        .map(running -> new Subtask(running.lease().task.spec.id(), running.index()))
                        .toList();
    }

    /** Whether something waits for a commit or for the time, or is counted as unsaved. */
    public static boolean waitsForSomething(Scheduler core) {
        return core.timers.size() > 0 || core.gate.holdsSomething() || core.journal.unsavedBytes() > 0;
    }

    /** Chunks of a task of which something is open: what its state grows with. */
    static int openChunks(Scheduler core, TaskId id) {
        TaskState task = core.tasks.find(id);
        return task == null ? 0 : task.indexes.openChunks().size();
    }

    /** Of how many task types it is known how fast a worker is. */
    static int rememberedPaces(Scheduler core, WorkerId id) {
        WorkerView worker = core.workers.find(id);
        return worker == null ? 0 : worker.known.paces();
    }

    /** How many worker names are remembered for deaths. */
    static int rememberedNames(Scheduler core) {
        return core.deaths.rememberedNames();
    }

    /** Of how many worker names it is remembered that their connection was lost. */
    static int rememberedLosses(Scheduler core) {
        return core.deaths.rememberedLosses();
    }
}
