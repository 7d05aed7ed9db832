package io.divvy.scheduler.world;

import io.divvy.protocol.Message;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection of a worker, and what its server's end was told, to hold what the server says against it. */
final class WorkerConnection extends Connection {
    final SimulatedWorker worker;

    /** What its worker said of itself, as a process that is started again says something else. */
    final @Nullable String instance;

    /** What the server calls its worker; null before that is welcome. */
    @Nullable
    WorkerId id;

    /** By which name the server tells the worker from others. */
    String name = "";
    /** Tasks that were described to the worker. */
    final Set<TaskId> described = new HashSet<>();
    /** Tasks of which it was told to stop all that it runs; whether it has, nobody hears. */
    final Set<TaskId> stopped = new HashSet<>();
    /** Leases that were assigned to the worker, and the part of each that it answered. */
    final Map<Long, Lease> leases = new HashMap<>();
    /** What it offered, by task. */
    final Map<TaskId, IndexRanges> offered = new HashMap<>();
    /** When it was welcome, by the server's clock. */
    long joinedMs;
    /** How many subtasks of each task the worker answered. */
    final Map<TaskId, Long> answered = new HashMap<>();
    /** How often it gave back what began with a subtask, after it had held that unstarted for too long. */
    final Map<Subtask, Integer> returned = new HashMap<>();
    /** When the server last heard of it, by the time that peers had. */
    long heardPeerMs;
    /** Whether anything was said on it that an honest worker would not say. */
    boolean isTainted;
    /** Whether anything happened because of which its worker may not be heard. */
    boolean mayBeSilent;
    /** Whether the server was told that the worker is gone, whatever it does about that. */
    boolean isGone;
    /** What its worker would have been taken to run when the core last heard anything, once it is gone. */
    List<Subtask> takenToRun = List.of();
    /** The leases that it had by then: of what it runs under one that ended the server does not know. */
    List<Lease> openLast = List.of();
    /** Whether its worker had done anything by then. */
    boolean isProven;
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
        /** When the worker got it, by the time that peers had. */
        long assignedPeerMs;
        /** From here on the worker gave it back. */
        long heldTo;
        /** Whether something of it lay unstarted for too long when it was last asked back. */
        boolean wasHeldTooLong;

        Lease(TaskId task, long from, long to) {
            this.task = task;
            this.from = from;
            this.to = to;
            this.heldTo = to;
        }
    }

    WorkerConnection(World world, SimulatedServer server, SimulatedWorker worker, SplittableRandom random) {
        super(world, server, random);
        this.worker = worker;
        this.instance = worker.instance();
    }

    // The worker's end of it.

    void toServer(Message message) {
        toServer(() -> message, true);
    }

    /** @param message is made when it arrives */
    void toServer(Supplier<Message> message, boolean isHonest) {
        arrives(() -> {
            Message said = message.get();
            isTainted |= !isHonest;
            world.note(() -> "    " + worker + " says " + said);
            receive(said);
        });
    }

    /** What is no message. */
    void garbageToServer(byte[] bytes) {
        arrives(() -> {
            isTainted = true;
            receive(bytes, 0, bytes.length);
        });
    }

    @Override
    boolean isHeard() {
        return worker.connection == this;
    }

    @Override
    void isLost() {
        worker.lost(this);
    }

    // The server's end of it.

    @Override
    void leaves() {
        server.leaves(this);
    }

    @Override
    void sends(byte[] bytes, int offset, int length) {
        if (!isClosed()) {
            toClient(() -> worker.receive(bytes, offset, length));
        }
    }

    boolean takes(SimulatedTask task) {
        Set<String> types = worker.character.types();
        return types == null || types.contains(task.spec().type());
    }

    // What befalls it.

    /** Its worker begins these, now or soon. */
    void begun(TaskId task, long from, long to) {
        begun.computeIfAbsent(task, any -> new IndexRanges()).add(from, to);
    }

    boolean hadOpen(Subtask subtask) {
        return openLast.stream()
                .anyMatch(lease -> lease.task.equals(subtask.task())
                        && lease.from <= subtask.index()
                        && subtask.index() < lease.to);
    }

    boolean hasBegun(Subtask subtask) {
        IndexRanges ranges = begun.get(subtask.task());
        return ranges != null && ranges.contains(subtask.index());
    }

    @Override
    void stall(long ms) {
        super.stall(ms);
        mayBeSilent = true;
    }

    @Override
    void cut() {
        super.cut();
        mayBeSilent = true;
    }

    @Override
    public String toString() {
        return "connection of " + worker;
    }
}
