package io.divvy.scheduler.world;

import io.divvy.scheduler.CoreInspection.Subtask;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.WorkerId;
import io.divvy.state.TaskId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One connection of a worker. Messages come in the order in which they were sent, each way, after a while; of two connections
 * nothing is known. When it is cut, what is on its way is lost, and each end hears of it when it does.
 */
final class Connection {
    final WorkerId id;
    final SimulatedWorker worker;
    private final World world;
    private final SplittableRandom random;
    private final int mostDelayMs;

    private boolean isCut;
    private long stalledUntilMs;
    private long lastToServerMs;
    private long lastToWorkerMs;

    // What the server's end of it was told, to hold what it says against it.

    /** Tasks that were described to the worker. */
    final Set<TaskId> described = new HashSet<>();
    /** Tasks of which it was told to stop all that it runs; whether it has, nobody hears. */
    final Set<TaskId> stopped = new HashSet<>();
    /** Leases that were assigned to the worker, and the part of each that it answered. */
    final Map<Long, Lease> leases = new HashMap<>();
    /** What it offered, by task. */
    final Map<TaskId, IndexRanges> offered = new HashMap<>();
    /** When the server last heard of it, by the time that peers had. */
    long heardPeerMs;
    /** Whether anything was said on it that an honest worker would not say. */
    boolean isTainted;
    /** Whether anything happened because of which its worker may not be heard. */
    boolean mayBeSilent;
    /** What its worker ran when it went away, as far as that can be told. */
    List<Subtask> ranLast = List.of();
    /** What its worker ever ran for it, by task, where that can be told. */
    private final Map<TaskId, IndexRanges> begun = new HashMap<>();
    /** Whether it was told that something was not taken: it keeps that, as it hears no more of it. */
    boolean wasRefused;

    /** A lease as the server's messages say. */
    static final class Lease {
        final TaskId task;
        final long from;
        final long to;
        final IndexRanges answered = new IndexRanges();
        boolean isCancelled;

        Lease(TaskId task, long from, long to) {
            this.task = task;
            this.from = from;
            this.to = to;
        }
    }

    Connection(World world, WorkerId id, SimulatedWorker worker, SplittableRandom random) {
        this.world = world;
        this.id = id;
        this.worker = worker;
        this.random = random;
        this.mostDelayMs = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 10);
    }

    void toServer(Runnable delivery) {
        lastToServerMs = Math.max(lastToServerMs, arrivalMs());
        world.scheduleAt(lastToServerMs, () -> {
            if (!isCut) {
                delivery.run();
            }
        });
    }

    void toWorker(Runnable delivery) {
        lastToWorkerMs = Math.max(lastToWorkerMs, arrivalMs());
        world.scheduleAt(lastToWorkerMs, () -> {
            if (!isCut && worker.connection == this) {
                delivery.run();
            }
        });
    }

    /** Its worker begins these, now or soon. */
    void begun(TaskId task, long from, long to) {
        begun.computeIfAbsent(task, any -> new IndexRanges()).add(from, to);
    }

    boolean hasBegun(Subtask subtask) {
        IndexRanges ranges = begun.get(subtask.task());
        return ranges != null && ranges.contains(subtask.index());
    }

    private long arrivalMs() {
        return Math.max(world.nowMs() + random.nextInt(mostDelayMs), stalledUntilMs);
    }

    void stall(long ms) {
        stalledUntilMs = Math.max(stalledUntilMs, world.nowMs() + ms);
        mayBeSilent = true;
    }

    boolean isCut() {
        return isCut;
    }

    /** Nothing goes through it any more. Who hears of that, and when, is another matter. */
    void cut() {
        isCut = true;
        mayBeSilent = true;
    }
}
