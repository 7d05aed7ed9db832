package io.divvy.scheduler.world;

import io.divvy.net.ConnectionHandler;
import io.divvy.net.Peer;
import io.divvy.net.Timeline;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Message;
import io.divvy.scheduler.CoreInspection.Subtask;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.WorkerId;
import io.divvy.state.TaskId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a worker to one life of the server. Frames come in the order in which they were sent, each way, after a while;
 * of two connections nothing is known. When it is cut, what is on its way is lost, and each end hears of it when it does.
 */
final class Connection implements Peer {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);

    final SimulatedWorker worker;
    final SimulatedServer server;
    private final World world;
    private final SplittableRandom random;
    private final int mostDelayMs;

    private boolean isCut;
    private long stalledUntilMs;
    private long lastToServerMs;
    private long lastToWorkerMs;

    // The server's end of it.

    private ConnectionHandler handler;
    private boolean isClosed;

    // What the server's end of it was told, to hold what it says against it.

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

        Lease(TaskId task, long from, long to) {
            this.task = task;
            this.from = from;
            this.to = to;
        }
    }

    Connection(World world, SimulatedServer server, SimulatedWorker worker, SplittableRandom random) {
        this.world = world;
        this.server = server;
        this.worker = worker;
        this.random = random;
        this.instance = worker.instance();
        this.mostDelayMs = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 10);
        this.handler = server.accept(this);
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
            byte[] frame = Frames.encode(said).array();
            receive(frame, Frames.HEADER_BYTES, frame.length - Frames.HEADER_BYTES);
        });
    }

    /** What is no message. */
    void garbageToServer(byte[] bytes) {
        arrives(() -> {
            isTainted = true;
            receive(bytes, 0, bytes.length);
        });
    }

    private void receive(byte[] bytes, int offset, int length) {
        server.hears(this, () -> handler.onFrame(bytes, offset, length));
    }

    private void arrives(Runnable delivery) {
        lastToServerMs = Math.max(lastToServerMs, arrivalMs());
        world.scheduleAt(lastToServerMs, () -> {
            if (!isCut) {
                server.inLoop(() -> {
                    if (!isClosed) {
                        delivery.run();
                    }
                });
            }
        });
    }

    /** The worker closes it, or is dead: the server hears of that behind all that was sent. */
    void leave() {
        lastToServerMs = Math.max(lastToServerMs, arrivalMs());
        world.scheduleAt(lastToServerMs, () -> {
            if (!isCut) {
                gone();
            }
        });
    }

    /** The server hears that its worker is gone. */
    void gone() {
        server.inLoop(() -> {
            if (!isClosed) {
                isClosed = true;
                server.leaves(this);
                server.hears(this, () -> handler.onClosed("closed without a word"));
            }
        });
    }

    // The server's end of it.

    boolean isClosed() {
        return isClosed;
    }

    @Override
    public void setHandler(ConnectionHandler newHandler) {
        handler = newHandler;
    }

    @Override
    public void send(ByteBuffer frame) {
        if (isClosed) {
            return;
        }
        byte[] bytes = frame.array();
        toWorker(() -> worker.receive(bytes, Frames.HEADER_BYTES, bytes.length - Frames.HEADER_BYTES));
    }

    @Override
    public void sendInCompany(ByteBuffer frame) {
        send(frame);
    }

    private void toWorker(Runnable delivery) {
        lastToWorkerMs = Math.max(lastToWorkerMs, arrivalMs());
        world.scheduleAt(lastToWorkerMs, () -> {
            if (!isCut && worker.connection == this) {
                delivery.run();
            }
        });
    }

    @Override
    public void close(String reason) {
        if (isClosed) {
            return;
        }
        world.note(() -> "    the server closes the connection of " + worker + ": " + reason);
        if (reason.startsWith("the server failed")) {
            world.violated(new Violation("the server fails in something for " + worker));
        }
        isClosed = true;
        toWorker(() -> {
            cut();
            worker.lost(this);
        });
    }

    @Override
    public boolean isOpen() {
        return !isClosed;
    }

    @Override
    public Timeline.Scheduled schedule(long dueMs, Runnable action) {
        return server.schedule(dueMs, action);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return ADDRESS;
    }

    @Override
    public void setIdleTimeoutMs(long timeoutMs) {
        // Nobody in the world waits for a connection for its own sake.
    }

    @Override
    public void sendWhenQuiet(ByteBuffer frame, long periodMs) {
        // Workers of the world do not miss the server.
    }

    @Override
    public long outboundBytes() {
        return 0;
    }

    @Override
    public void pause() {
        // Workers are read from whatever they say.
    }

    @Override
    public void resume() {
        // See above.
    }

    // What befalls it.

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

    @Override
    public String toString() {
        return "connection of " + worker;
    }
}
