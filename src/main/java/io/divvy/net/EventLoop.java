package io.divvy.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread, one Selector, many connections. A turn of the loop:
 *
 * <pre>
 *   sleep until a socket is ready, the mailbox is not empty, or something is due; when waits are short, look for that
 *     a moment first
 *   read what came; each frame goes to its connection's handler. If something is overdue, all that came; after a pause
 *     of the process nothing overdue runs before that is done, which may take some turns
 *   run what other threads put into the mailbox
 *   run what is due
 *   write what all of this led to, the small frames of each connection together. The connection whose first frame of the
 *     turn came last is written to first: with one task in a turn, its lease leaves before its receipt. What nobody waits
 *     for goes with this turn's write to the same peer if there is one, else at the end of the next turn, or before the
 *     loop sleeps
 * </pre>
 *
 * The loop keeps two times. What it owes goes by the clock. What peers owe goes by the time that they had: the clock without
 * what the loop lost, because the process was stopped for instance. A pause of this process is not a death of its peers.
 *
 * Only {@link #execute}, {@link #mailboxIsFull}, {@link #wake}, {@link #stop} and {@link #turns} may be called from other
 * threads.
 */
public final class EventLoop implements Timeline, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    /** Small frames of one connection are gathered here: one copy, and one write, whatever their number. */
    private static final int WRITE_BUFFER_BYTES = 1 << 16;

    private final NetLimits limits;
    private final Selector selector;
    private final LoopTime time;
    private final Intake intake;
    private final PendingWrites writes = new PendingWrites();
    private final ByteBuffer writeBuffer = ByteBuffer.allocateDirect(WRITE_BUFFER_BYTES);
    private final Deadlines deadlines = new Deadlines();
    /** Of what peers owe, by {@link #peerMs}. */
    private final Deadlines peerDeadlines = new Deadlines();

    private final Set<Connection> connections = new HashSet<>();
    private final FrameRoom frameRoom;
    private final Spin spin;
    private final Mailbox mailbox = new Mailbox();
    /** Waking a Selector that is awake costs a system call for nothing. */
    private final AtomicBoolean asleep = new AtomicBoolean();

    @Nullable
    private Acceptor acceptor;

    private volatile @Nullable InetSocketAddress listensAt;

    private Function<? super Connection, ConnectionHandler> onAccept = connection -> {
        throw new IllegalStateException("the loop does not run yet");
    };

    private final AtomicLong turns = new AtomicLong();
    private volatile boolean stopping;
    private volatile boolean stopped;

    private final CatchUp catchUp = new CatchUp();

    private long outboundBytes;

    /** Something with deadlines of its own that lives on the loop. */
    public interface Periodic {
        /** Runs what is due, once a turn. */
        void tick(long nowMs);

        /**
         * The loop was away for so long, and what it would have read meanwhile is not read yet. That must not count against
         * peers. Called before anything is read.
         */
        default void lost(long ms) {}

        /**
         * Whether what was read has led to more than has been dealt with. While it has, connections that are new or send much
         * are not read from, for some seconds at most; who sends little is. A turn follows once that changes, as it does so on
         * the loop.
         */
        default boolean isBehind() {
            return false;
        }

        /** When the next turn is needed at the latest; {@link Long#MAX_VALUE} if it is not. */
        long nextDeadlineMs();
    }

    public EventLoop(Clock clock, NetLimits limits) throws IOException {
        this.limits = limits;
        this.time = new LoopTime(clock);
        this.selector = Selector.open();
        this.frameRoom = new FrameRoom(limits.partialFrameBytes());
        this.spin = new Spin(limits.spinMicros(), System::nanoTime);
        this.intake = new Intake(selector, limits.readBufferBytes());
    }

    /** Takes a port, before {@link #run}, which accepts the connections. Returns the address with the port that it got. */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        Acceptor opened = Acceptor.open(address, this, limits, selector);
        acceptor = opened;
        InetSocketAddress bound = opened.address();
        listensAt = bound;
        return bound;
    }

    /** Where it listens; null before that. From any thread. */
    public @Nullable InetSocketAddress listensAt() {
        return listensAt;
    }

    @Override
    public long nowMs() {
        return time.nowMs();
    }

    /** The time that peers had: that of this turn, without what the loop lost. */
    long peerMs() {
        return time.peerMs();
    }

    @Override
    public Scheduled schedule(long dueMs, Runnable action) {
        Deadlines.Deadline deadline = deadlines.schedule(dueMs, () -> Mistakes.guarded("what was due", action));
        return () -> deadlines.cancel(deadline);
    }

    /**
     * Runs the action when its time has come for a peer, by {@link #peerMs}. An action that fails ends the connection: nothing
     * of it would ever be due again.
     */
    Deadlines.Deadline scheduleForPeer(long duePeerMs, Connection connection, Runnable action) {
        // Ending the connection may fail as well, for want of memory: that must not be the end of the loop.
        return peerDeadlines.schedule(
                duePeerMs, () -> Mistakes.guarded("what was due", () -> Mistakes.guarded(connection, action)));
    }

    /** Runs the action at a time of the clock, unless it is cancelled before. One that fails ends the connection. */
    Scheduled schedule(long dueMs, Connection connection, Runnable action) {
        return schedule(dueMs, () -> Mistakes.guarded(connection, action));
    }

    void cancelForPeer(Deadlines.@Nullable Deadline deadline) {
        peerDeadlines.cancel(deadline);
    }

    /** Runs the task on the loop, soon. Returns false, and never runs it, once the loop has stopped. From any thread. */
    public boolean execute(Runnable task) {
        mailbox.add(task);
        if (stopped && mailbox.remove(task)) {
            return false;
        }
        wake();
        return true;
    }

    /** How full the loop is now. */
    public LoopGauges gauges() {
        return new LoopGauges(
                connections.size(),
                (int) connections.stream().filter(Connection::isMuted).count(),
                outboundBytes,
                frameRoom.usedBytes(),
                deadlines.size() + peerDeadlines.size());
    }

    /** Whether so much waits for the loop that who can should come back later. From any thread. */
    public boolean mailboxIsFull() {
        return mailbox.size() >= limits.mailboxEntries();
    }

    /** Makes the loop look at the clock and the mailbox now. From any thread. */
    public void wake() {
        if (asleep.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    /** Makes {@link #run} return soon: it accepts no more, writes what waits, and closes. From any thread. */
    public void stop() {
        stopping = true;
        selector.wakeup();
    }

    /**
     * Runs the loop on this thread until {@link #stop}.
     *
     * @param onAccept makes the first handler of each new connection
     */
    public void run(Function<? super Connection, ConnectionHandler> onAccept, Periodic periodic) throws IOException {
        this.onAccept = onAccept;
        time.start();
        try {
            while (!stopping) {
                turn(periodic);
            }
            sayGoodbye();
        } finally {
            close();
        }
    }

    /** How many turns it has begun. It begins one each second at least, while it runs. From any thread; allocates nothing. */
    public long turns() {
        return turns.get();
    }

    private void turn(Periodic periodic) throws IOException {
        turns.lazySet(turns.getPlain() + 1); // Only this thread counts.
        boolean mayWait = !catchUp.isUnderWay() && (intake.isNobodyInLine() || areLinesPaused(periodic));
        sleep(periodic, mayWait);
        time.look();
        noticeLostTime(periodic);
        writes.beginTurn();
        intake.serveReady();
        if (catchUp.isUnderWay() || nextDeadlineMs(periodic.nextDeadlineMs()) <= nowMs()) {
            intake.readAll(connections.size());
        }
        catchUp.looked(intake.isNobodyInLine(), time.ranMs());
        intake.serveLines(areLinesPaused(periodic));
        mailbox.run();
        peerDeadlines.fire(peerMs());
        if (!catchUp.isUnderWay()) {
            deadlines.fire(nowMs());
            Mistakes.guarded("what was due", () -> periodic.tick(nowMs()));
        }
        writes.endTurn();
        frameRoom.giveRoom(peerMs());
    }

    /** Without it a stopped process would find, as soon as it goes on, that all its peers were silent for too long. */
    private void noticeLostTime(Periodic periodic) {
        long ms = time.takeLost();
        if (ms > 0) {
            catchUp.begin(time.ranMs());
            LOG.info("this process stood still for {} ms; that does not count against its peers", ms);
            Mistakes.guarded("telling of lost time", () -> periodic.lost(ms));
        }
    }

    private boolean areLinesPaused(Periodic periodic) {
        return intake.areLinesPaused(periodic.isBehind() && !catchUp.isUnderWay(), nowMs());
    }

    private long nextDeadlineMs(long atMostUntilMs) {
        long peersMs = peerDeadlines.nextDeadlineMs();
        long ownMs = Math.min(deadlines.nextDeadlineMs(), atMostUntilMs);
        return peersMs == Deadlines.NEVER ? ownMs : Math.min(ownMs, time.ofPeer(peersMs));
    }

    private void sleep(Periodic periodic, boolean mayWait) throws IOException {
        long mostMs = mayWait ? Math.max(0, waitMs(periodic.nextDeadlineMs())) : 0;
        time.sleeps(mostMs);
        if (mostMs == 0) {
            selector.selectNow();
            return;
        }
        long startNanos = System.nanoTime();
        if (!spin.findsWork(this::hasWork)) {
            writes.flushAll();
            asleep.set(true);
            // Looked at anew: who turned the clock or filled the mailbox before saw a loop that was awake, and a write
            // that failed may have made something due.
            long waitMs = waitMs(periodic.nextDeadlineMs());
            if (waitMs > 0 && mailbox.isEmpty() && !stopping) {
                selector.select(waitMs);
            } else {
                selector.selectNow();
            }
            asleep.set(false);
        }
        spin.waited(System.nanoTime() - startNanos);
    }

    private long waitMs(long atMostUntilMs) {
        return Math.min(NetLimits.LONGEST_SLEEP_MS, time.untilMs(nextDeadlineMs(atMostUntilMs)));
    }

    private boolean hasWork() throws IOException {
        return selector.selectNow() > 0 || !mailbox.isEmpty() || stopping;
    }

    /** How many more connections may be open. */
    int connectionsLeft() {
        return limits.connections() - connections.size();
    }

    /** A new connection begins. */
    void opened(Connection connection) {
        try {
            connections.add(connection);
            connection.start(onAccept.apply(connection));
        } catch (RuntimeException | Error e) {
            connection.abortByOwnFailure(); // Else it takes a place for ever.
            throw e;
        }
    }

    /** A connection says that it is closed. */
    void closed(Connection connection) {
        connections.remove(connection);
        if (acceptor != null) {
            acceptor.resume();
        }
    }

    FrameRoom frameRoom() {
        return frameRoom;
    }

    /** Where a connection gathers what it writes; nothing in it outlasts that. */
    ByteBuffer writeBuffer() {
        return writeBuffer;
    }

    /** So many bytes more wait for some peer, or fewer if that is negative. */
    void outboundGrew(long bytes) {
        outboundBytes += bytes;
    }

    /** Cuts those for which the most waits while too much waits for all together. */
    void boundOutbound() {
        while (outboundBytes > limits.allOutboundBytes()) {
            Connection largest = Collections.max(connections, Comparator.comparingLong(Connection::heldBytes));
            largest.abort("it does not read: " + largest.heldBytes() + " of " + outboundBytes
                    + " bytes that wait for all peers wait for it, the most of all");
        }
    }

    void flushAtEndOfTurn(Connection connection) {
        writes.atEndOfTurn(connection);
    }

    /** It has nothing to write but what can wait for the end of the next turn, or for the loop to sleep. */
    void flushInNextTurn(Connection connection) {
        writes.inNextTurn(connection);
    }

    /** Closes all connections: the last words are written, for at most {@code lingerMs}. */
    private void sayGoodbye() throws IOException {
        if (acceptor != null) {
            acceptor.close();
        }
        mailbox.run();
        List.copyOf(connections).forEach(connection -> connection.close("the server stops"));
        writes.flush();
        // By the machine's own time: a clock that a test turns may stand still by now.
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.lingerMs());
        while (!connections.isEmpty() && System.nanoTime() < deadlineNanos) {
            selector.select(10);
            time.look();
            intake.serveReady();
            intake.serveLines(false);
            writes.flush();
        }
    }

    /** Whether it has run for the last time: what it still finds in the mailbox is only told so. From any thread. */
    public boolean hasStopped() {
        return stopped;
    }

    /**
     * Frees the Selector, and the port if it listens. Also of a loop that broke, or never ran: nobody is left waiting for one
     * that will never answer. {@link #run} does it by itself; once more does no harm.
     */
    @Override
    public void close() throws IOException {
        List.copyOf(connections).forEach(connection -> connection.abort("the server stops"));
        stopped = true;
        mailbox.run();
        if (acceptor != null) {
            acceptor.close();
        }
        selector.close();
    }
}
