package io.divvy.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection.
 *
 * <pre>
 *                       more than muteAboveBytes wait for the peer
 *              ┌──────┐ ────────────────────────────────────────► ┌───────┐
 *   accepted ─►│ OPEN │                                           │ MUTED │  not read from
 *              └──────┘ ◄──────────────────────────────────────── └───────┘
 *                 │       fewer than unmuteBelowBytes are left        │
 *                 │                                                   │
 *                 ├── close(): say the last words ────────────────────┤
 *                 ▼                                                   │
 *            ┌─────────┐  all written: our side is shut, what still   │
 *            │ CLOSING │  comes is thrown away so that the peer can   │
 *            └─────────┘  read to the end                             │
 *                 │ the peer closes, or lingerMs are over             │
 *                 ▼                                                   │
 *            ┌────────┐                                               │
 *            │ CLOSED │ ◄── end of stream, I/O error, too much waits ─┘
 *            └────────┘     for the peer, nothing taken for writeTimeoutMs
 * </pre>
 *
 * While it is open it is not read from either while its owner has paused it, and while its frame waits for room in the
 * {@link FrameRoom}. A peer that sends nothing more may still be owed something: then the connection stays open, is not read
 * from, and is looked at now and then. One that cannot be written to any more is read to its end: what the peer said last
 * counts, for instance that it leaves.
 *
 * <p>It has a {@link ReadingSide} and a {@link WritingSide}, and its {@link PeerTimes} say what its peer owes; here is which
 * state they bring it into.
 *
 * <p>All methods are called on the loop's thread.
 */
public final class Connection implements Peer {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private enum State {
        OPEN,
        MUTED,
        CLOSING,
        CLOSED
    }

    private final EventLoop loop;
    private final NetLimits limits;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final @Nullable InetSocketAddress remoteAddress;
    private final String name;
    private final PeerTimes times;
    private final ReadingSide reading;
    private final WritingSide writing;

    @Nullable
    private ConnectionHandler handler;

    private State state = State.OPEN;
    private String closeReason = "";
    private boolean isOwnFailure;
    /** Why it cannot be written to any more; it is read to its end. */
    private @Nullable String writingFailed;

    private boolean outputShut;

    private @Nullable QuietTimer quietTimer;

    /** @param key of a socket channel, which is attached to it next */
    Connection(
            EventLoop loop,
            NetLimits limits,
            SelectionKey key,
            @Nullable InetSocketAddress remoteAddress,
            String name) {
        this.loop = loop;
        this.limits = limits;
        this.channel = (SocketChannel) key.channel();
        this.key = key;
        this.remoteAddress = remoteAddress;
        this.name = name;
        this.times = new PeerTimes(loop, limits, this);
        this.reading = new ReadingSide(loop, limits, channel, this, times);
        this.writing = new WritingSide(loop, limits, channel, this, times);
    }

    void start(ConnectionHandler firstHandler) {
        handler = firstHandler;
        times.arm();
    }

    @Override
    public void setHandler(ConnectionHandler newHandler) {
        handler = newHandler;
    }

    ConnectionHandler handler() {
        if (handler == null) {
            throw new IllegalStateException(name + " was used before it was started");
        }
        return handler;
    }

    @Override
    public void setIdleTimeoutMs(long timeoutMs) {
        times.setIdleTimeoutMs(timeoutMs);
    }

    @Override
    public void sendWhenQuiet(ByteBuffer frame, long periodMs) {
        if (isOpen()) {
            quietTimer = new QuietTimer(loop, this, frame, periodMs);
        }
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** Number and address, for logs. */
    @Override
    public String toString() {
        return name;
    }

    // What it is at.

    @Override
    public boolean isOpen() {
        return state == State.OPEN || state == State.MUTED;
    }

    boolean isClosing() {
        return state == State.CLOSING;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether it is not read from because too much waits for its peer. */
    boolean isSlow() {
        return state == State.MUTED;
    }

    /** Whether it is not read from for now. */
    boolean isMuted() {
        return state == State.MUTED || reading.isUnreadByUs();
    }

    /** Whether it brought much when it was read from last. What comes while it closes is thrown away. */
    boolean isHeavy() {
        return reading.isHeavy() && isOpen();
    }

    /** Whether it is here for so short a time that nothing is known of it. */
    boolean isNew() {
        return times.isNew() && isOpen();
    }

    /** Whether it cannot be written to any more, and is read to its end. */
    boolean isWritingFailed() {
        return writingFailed != null;
    }

    ReadingSide reading() {
        return reading;
    }

    WritingSide writing() {
        return writing;
    }

    // Its reading side.

    /** Something came, and others are read from first: its silence is ours. */
    void awaitTurn() {
        reading.awaitTurn();
    }

    /** Returns whether it may be read from. */
    boolean beginTurn() {
        reading.beginTurn();
        return isOpen() && !isMuted();
    }

    @Override
    public void pause() {
        reading.pause();
    }

    @Override
    public void resume() {
        reading.resume();
    }

    void onReadable(ByteBuffer buffer) throws IOException {
        reading.read(buffer);
    }

    /**
     * The peer sends nothing more. Returns whether it is owed something, so that the connection stays; else it is closed by
     * now.
     */
    boolean staysWithoutInput() {
        boolean stays = isOpen()
                ? writingFailed == null && !reading.hasEnded() && handler().onInputEnd()
                : !writing.isEmpty();
        if (!stays) {
            abort(writingFailed == null ? "closed by the peer" : writingFailed);
        }
        return stays;
    }

    /** Both directions have ended. */
    void onGone() {
        if (reading.isLookedForGone()) {
            abort("closed by the peer");
        }
    }

    // Its writing side.

    @Override
    public void send(ByteBuffer frame) {
        writing.send(frame);
    }

    @Override
    public void sendInCompany(ByteBuffer frame) {
        writing.sendInCompany(frame);
    }

    /** What the frames that the peer has not taken whole take in memory. */
    long heldBytes() {
        return writing.heldBytes();
    }

    @Override
    public long outboundBytes() {
        return writing.bytes();
    }

    /** When something was last written to the peer, by {@link EventLoop#nowMs}. */
    long lastWrittenMs() {
        return writing.lastWrittenMs();
    }

    /** Returns whether something still waits to be written. */
    boolean endWaitForCompany() {
        return writing.endWaitForCompany();
    }

    void flush() {
        writing.flush();
    }

    /** The peer took some of what waited for it, or nothing. */
    void flushed() {
        if (state == State.MUTED && writing.bytes() < limits.unmuteBelowBytes()) {
            state = State.OPEN;
            reading.readAgain();
        }
        if (state == State.CLOSING && writing.isEmpty() && reading.inputEnded()) {
            abort(closeReason);
        } else if (state == State.CLOSING && writing.isEmpty() && !outputShut) {
            shutOutput();
        }
        updateInterest();
        if (!writing.isEmpty()) {
            times.arm();
        }
    }

    /** So much waits for the peer that nothing more is to come of it. */
    void mute() {
        if (state == State.OPEN) {
            state = State.MUTED;
            updateInterest();
        }
    }

    /** What was sent before the connection broke is still there to be read, and is answered by nothing. */
    void readToTheEnd(String reason) {
        if (!isOpen() || reading.inputEnded() || reading.hasEnded()) {
            abort(reason);
            return;
        }
        writingFailed = reason;
        times.closes();
        writing.clear();
        state = State.OPEN;
        updateInterest();
        times.arm();
    }

    void updateInterest() {
        if (state != State.CLOSED && key.isValid()) {
            key.interestOps(reading.interest() | (writing.isEmpty() ? 0 : SelectionKey.OP_WRITE));
        }
    }

    @Override
    public Timeline.Scheduled schedule(long dueMs, Runnable action) {
        return loop.schedule(dueMs, this, action);
    }

    // Its end.

    @Override
    public void close(String reason) {
        if (!isOpen()) {
            return;
        }
        state = State.CLOSING;
        closeReason = reason;
        times.closes();
        reading.dropFrame();
        times.arm();
        writing.flushAtEndOfTurn();
    }

    private void shutOutput() {
        outputShut = true;
        times.closes();
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            abort("closing failed: " + e.getMessage());
        }
    }

    /** It had time to say its last words, or to be read to its end. */
    void abortAtLast() {
        abort(state == State.CLOSING || writingFailed == null ? closeReason : writingFailed);
    }

    /** Closes at once, as something failed here. That frees what it holds first, should it be memory that is lacking. */
    void abortByOwnFailure() {
        isOwnFailure = true;
        abort("internal error");
    }

    /** Closes at once. */
    void abort(String reason) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        writing.clear();
        reading.dropFrame();
        times.disarm();
        if (quietTimer != null) {
            quietTimer.cancel();
        }
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("{}: closing failed: {}", name, e.getMessage());
        }
        loop.closed(this);
        ConnectionHandler last = handler;
        if (last != null) {
            if (isOwnFailure) {
                Mistakes.guarded("exonerating " + name, last::onOwnFailure);
            }
            Mistakes.guarded(
                    "saying goodbye to " + name, () -> last.onClosed(closeReason.isEmpty() ? reason : closeReason));
        }
    }
}
