package io.divvy.net;

import io.divvy.net.ConnectionHandler.Timeout;
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
 * All methods are called on the loop's thread.
 */
public final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private enum State {
        OPEN,
        MUTED,
        CLOSING,
        CLOSED
    }

    /** How often the owner of a connection that is not read from for a reason of ours hears that its peer is not silent. */
    private static final long UNREAD_CHECK_MS = 1_000;
    /** How often it is looked whether a peer that sends nothing more is still there. */
    private static final long GONE_CHECK_MS = 1_000;

    private final EventLoop loop;
    private final NetLimits limits;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final @Nullable InetSocketAddress remoteAddress;
    private final String name;
    private final FrameDecoder decoder;
    private final OutboundQueue outbound = new OutboundQueue();
    private final long acceptedMs;

    @Nullable
    private ConnectionHandler handler;

    private State state = State.OPEN;
    private String closeReason = "";
    private boolean isOwnFailure;
    private boolean readEnded;
    /** The peer sends nothing more. */
    private boolean inputEnded;
    /** Its key is registered so that only the end of both directions reports it. */
    private boolean looksForGone;
    /** Why it cannot be written to any more; it is read to its end. */
    private @Nullable String writingFailed;

    private boolean outputShut;
    private boolean flushScheduled;
    private boolean waitsForCompany;
    private boolean waitsForRoom;
    private boolean waitsForTurn;
    private boolean paused;
    private boolean heavy;
    private boolean broughtLargeFrame;
    private int pieceBytes = NetLimits.FIRST_PIECE_BYTES;
    private int countedFrameBytes;
    private long broughtBytes;

    private long frames;
    // All of these are the peer's time, in which it is not late because of us: see EventLoop#peerMs.
    private long idleTimeoutMs = Deadlines.NEVER;
    private long openedMs;
    private long lastFrameMs;
    private long frameStartedMs;
    private long lastReadMs;
    private long lastWriteMs;
    /** Since when it closes, or has said its last words, or cannot be written to. */
    private long closingMs;

    private long lookedForGoneMs;
    /** By the clock: what is due to the peer does not wait for what it owes. */
    private long lastWrittenMs;

    private @Nullable QuietTimer quietTimer;

    /** The one deadline that is armed: never later than the next that is due, and looked at again when it comes. */
    private Deadlines.@Nullable Deadline armed;

    Connection(
            EventLoop loop,
            NetLimits limits,
            SocketChannel channel,
            SelectionKey key,
            @Nullable InetSocketAddress remoteAddress,
            String name) {
        this.loop = loop;
        this.limits = limits;
        this.channel = channel;
        this.key = key;
        this.remoteAddress = remoteAddress;
        this.name = name;
        this.decoder = new FrameDecoder(limits.firstFrameBytes());
        this.acceptedMs = loop.peerMs();
        this.openedMs = acceptedMs;
        this.lastFrameMs = openedMs;
    }

    void start(ConnectionHandler firstHandler) {
        handler = firstHandler;
        arm();
    }

    /** Who gets what comes from now on. */
    public void setHandler(ConnectionHandler newHandler) {
        handler = newHandler;
    }

    /** Calls {@link ConnectionHandler#onTimeout} once no frame has come for so long; {@link Long#MAX_VALUE} for never. */
    public void setIdleTimeoutMs(long timeoutMs) {
        idleTimeoutMs = timeoutMs;
        lastFrameMs = loop.peerMs();
        arm();
    }

    /** Sends the frame, header included, whenever nothing else was written for so long, as long as the connection is open. */
    public void sendWhenQuiet(ByteBuffer frame, long periodMs) {
        if (isOpen()) {
            quietTimer = new QuietTimer(loop, this, frame, periodMs);
        }
    }

    /** When something was last written to the peer, by {@link EventLoop#nowMs}. */
    long lastWrittenMs() {
        return lastWrittenMs;
    }

    public boolean isOpen() {
        return state == State.OPEN || state == State.MUTED;
    }

    /** Whether it brought much when it was read from last. What comes while it closes is thrown away. */
    boolean isHeavy() {
        return heavy && isOpen();
    }

    /** Whether it is here for so short a time that nothing is known of it. */
    boolean isNew() {
        return loop.peerMs() - acceptedMs < NetLimits.NEW_MS && isOpen();
    }

    /** Something came, and others are read from first: its silence is ours. */
    void awaitTurn() {
        waitsForTurn = true;
        updateInterest();
        arm();
    }

    /** Returns whether it may be read from. */
    boolean beginTurn() {
        if (waitsForTurn) {
            waitsForTurn = false;
            readAgain();
        }
        return isOpen() && !isMuted();
    }

    /** Whether it is not read from for now. */
    boolean isMuted() {
        return state == State.MUTED || isUnreadByUs();
    }

    /** Whether it is not read from although it is not slow to read: its silence is ours. */
    boolean isUnreadByUs() {
        return state == State.OPEN && (waitsForRoom || waitsForTurn || paused) && !inputEnded;
    }

    /** Reads no more until {@link #resume}; some frames that were read already may still come. */
    public void pause() {
        if (!paused) {
            paused = true;
            updateInterest();
            arm();
        }
    }

    /** Reads again, if nothing else speaks against it. */
    public void resume() {
        if (paused) {
            paused = false;
            readAgain();
        }
    }

    /** There is room for its frame, which waited for some. */
    void onRoom() {
        waitsForRoom = false;
        readAgain();
    }

    /** What it brought so far. */
    long broughtBytes() {
        return broughtBytes;
    }

    /** Its frame takes room that others wait for, and comes too slowly for that. */
    void cutSlowFrame() {
        readEnded = true;
        handler()
                .onTimeout(
                        Timeout.FRAME,
                        "less than " + NetLimits.SLOW_FRAME_BYTES + " bytes of a large frame came in "
                                + NetLimits.SLOW_FRAME_MS + " ms, while others waited for its room; "
                                + (state == State.MUTED ? "read what waits for you" : "send it at once")
                                + ", or send it again later");
        close("its frame came too slowly");
    }

    /** How much room its incomplete frame takes if it is read from. */
    long nextGrowthBytes() {
        return decoder.growthBytes(limits.readBufferBytes());
    }

    /** What the frames that the peer has not taken whole take in memory. */
    long heldBytes() {
        return outbound.heldBytes();
    }

    /** Bytes that the peer has not taken yet. */
    public long outboundBytes() {
        return outbound.bytes();
    }

    /** Where the peer connects from; null where the system does not say. */
    public @Nullable InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** Number and address, for logs. */
    @Override
    public String toString() {
        return name;
    }

    /** Sends a frame, header included, with all others of this turn. Does nothing once the connection is closing. */
    public void send(ByteBuffer frame) {
        add(frame);
        if (isOpen() && !outbound.isEmpty()) {
            flushAtEndOfTurn();
        }
    }

    /**
     * Sends a frame that nobody waits for: with this turn's write if there is one, else at the end of the next turn, or before
     * the loop sleeps. A write costs the loop, and waking costs the peer, more than all else that a small frame needs.
     */
    public void sendInCompany(ByteBuffer frame) {
        add(frame);
        if (isOpen() && !outbound.isEmpty() && !flushScheduled && !waitsForCompany) {
            loop.flushInNextTurn(this);
            waitsForCompany = true;
        }
    }

    private void add(ByteBuffer frame) {
        if (!isOpen() || writingFailed != null) {
            return;
        }
        if (outbound.isEmpty()) {
            lastWriteMs = loop.peerMs();
        }
        long heldBefore = outbound.heldBytes();
        outbound.add(frame);
        loop.outboundGrew(outbound.heldBytes() - heldBefore);
        if (outbound.bytes() > limits.outboundBytes()) {
            abort("it does not read: " + outbound.bytes() + " bytes wait for it");
        }
        loop.boundOutbound();
        if (!isOpen()) {
            return;
        }
        if (outbound.bytes() > limits.muteAboveBytes()) {
            mute();
        }
    }

    private void flushAtEndOfTurn() {
        if (!flushScheduled) {
            flushScheduled = true;
            loop.flushAtEndOfTurn(this);
        }
    }

    /** Closes once all that was sent before has been written. */
    public void close(String reason) {
        if (!isOpen()) {
            return;
        }
        state = State.CLOSING;
        closeReason = reason;
        closingMs = loop.peerMs();
        dropFrame();
        arm();
        flushAtEndOfTurn();
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
        loop.outboundGrew(-outbound.heldBytes());
        outbound.clear();
        dropFrame();
        loop.cancelForPeer(armed);
        armed = null;
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
                EventLoop.guarded("exonerating " + name, last::onOwnFailure);
            }
            EventLoop.guarded(
                    "saying goodbye to " + name, () -> last.onClosed(closeReason.isEmpty() ? reason : closeReason));
        }
    }

    void onReadable(ByteBuffer buffer) throws IOException {
        boolean decodes = isOpen() && !readEnded;
        buffer.clear();
        int most = Math.min(heavy || isNew() ? pieceBytes : NetLimits.HEAVY_BYTES, buffer.capacity());
        if (decodes) {
            int readable = decoder.readableBytes(most, loop.frameRoom().bytesFor(this, decoder.bufferBytes()));
            if (readable == 0) {
                waitsForRoom = true;
                loop.frameRoom().await(this);
                updateInterest();
                arm();
                return;
            }
            buffer.limit(readable);
        }
        int count = channel.read(buffer);
        long startNanos = System.nanoTime();
        broughtLargeFrame = false;
        if (count < 0) {
            endInput();
        } else if (decodes) {
            decode(buffer.array(), count);
        }
        // In CLOSING what was read is thrown away.
        weigh(count, most, System.nanoTime() - startNanos);
    }

    /** What costs much is read in smaller pieces, so that no turn is much longer than it should be. */
    private void weigh(int count, int most, long nanos) {
        heavy = broughtLargeFrame || count >= Math.min(most, NetLimits.HEAVY_BYTES);
        if (nanos >= NetLimits.DEAR_PIECE_NANOS) {
            pieceBytes = Math.max(NetLimits.LEAST_PIECE_BYTES, pieceBytes / 2);
        } else if (count >= pieceBytes && nanos < NetLimits.DEAR_PIECE_NANOS / 4) {
            pieceBytes = Math.min(limits.readBufferBytes(), 2 * pieceBytes);
        }
    }

    private void endInput() {
        inputEnded = true;
        dropFrame();
        boolean stays =
                isOpen() ? writingFailed == null && !readEnded && handler().onInputEnd() : !outbound.isEmpty();
        if (!stays) {
            abort(writingFailed == null ? "closed without a word" : writingFailed);
            return;
        }
        lookedForGoneMs = loop.peerMs();
        updateInterest();
        arm();
    }

    /**
     * Finds out whether a peer is still there that sends nothing more, or is not read from while it is paused. Readable it
     * may always be, and asking for nothing means to be told nothing. To be connected, which it is, never is reported, but
     * the end of both directions is, whatever is asked for. The system also reports that it could be written to, so this is
     * asked for one look of the Selector only.
     */
    private void lookForGone() {
        lookedForGoneMs = loop.peerMs();
        looksForGone = true;
        updateInterest();
        loop.execute(() -> {
            looksForGone = false;
            updateInterest();
        });
    }

    /** Both directions have ended. One that is read from again is read to its end first. */
    void onGone() {
        if (inputEnded || paused) {
            abort("closed without a word");
        }
    }

    private void decode(byte[] bytes, int count) {
        boolean wasInsideFrame = decoder.isInsideFrame();
        long framesBefore = frames;
        broughtBytes += count;
        lastReadMs = loop.peerMs();
        try {
            decoder.feed(bytes, 0, count, this::deliver);
        } catch (FrameException e) {
            readEnded = true;
            dropFrame();
            handler().onBadFrame(e);
            close(String.valueOf(e.getMessage()));
            return;
        }
        countFrameBytes();
        if (frames > framesBefore) {
            loop.frameRoom().frameEnded(this, decoder.bufferBytes());
        } else if (frames > 0) {
            handler().onSignOfLife();
        }
        if (decoder.isInsideFrame() && (!wasInsideFrame || frames > framesBefore)) {
            frameStartedMs = loop.peerMs();
            arm();
        }
    }

    private void dropFrame() {
        decoder.drop();
        countFrameBytes();
        loop.frameRoom().frameEnded(this, decoder.bufferBytes());
    }

    private void countFrameBytes() {
        int bytes = decoder.bufferBytes();
        if (bytes != countedFrameBytes) {
            loop.frameRoom().grew(this, countedFrameBytes, bytes);
            countedFrameBytes = bytes;
        }
    }

    private boolean deliver(byte[] bytes, int offset, int length) {
        frames++;
        lastFrameMs = loop.peerMs();
        broughtLargeFrame |= length >= NetLimits.HEAVY_BYTES;
        decoder.setMaxFrameBytes(limits.maxFrameBytes());
        handler().onFrame(bytes, offset, length);
        return isOpen();
    }

    /** Returns whether something still waits to be written. */
    boolean endWaitForCompany() {
        waitsForCompany = false;
        return !outbound.isEmpty();
    }

    void flush() {
        flushScheduled = false;
        if (state == State.CLOSED) {
            return;
        }
        try {
            long heldBefore = outbound.heldBytes();
            long written;
            try {
                written = outbound.writeTo(channel, loop.writeBuffer());
            } finally {
                loop.outboundGrew(outbound.heldBytes() - heldBefore);
            }
            if (written > 0) {
                lastWriteMs = loop.peerMs();
                lastWrittenMs = loop.nowMs();
                if (state == State.MUTED) {
                    handler().onSignOfLife();
                }
            }
        } catch (IOException e) {
            readToTheEnd("writing failed: " + e.getMessage());
            return;
        } catch (RuntimeException | Error e) {
            abortByOwnFailure();
            throw e;
        }
        if (state == State.MUTED && outbound.bytes() < limits.unmuteBelowBytes()) {
            unmute();
        }
        if (state == State.CLOSING && outbound.isEmpty() && inputEnded) {
            abort(closeReason);
        } else if (state == State.CLOSING && outbound.isEmpty() && !outputShut) {
            shutOutput();
        }
        updateInterest();
        if (!outbound.isEmpty()) {
            arm();
        }
    }

    /** What was sent before the connection broke is still there to be read, and is answered by nothing. */
    private void readToTheEnd(String reason) {
        if (!isOpen() || inputEnded || readEnded) {
            abort(reason);
            return;
        }
        writingFailed = reason;
        closingMs = loop.peerMs();
        loop.outboundGrew(-outbound.heldBytes());
        outbound.clear();
        state = State.OPEN;
        updateInterest();
        arm();
    }

    private void mute() {
        if (state == State.OPEN) {
            state = State.MUTED;
            updateInterest();
        }
    }

    private void unmute() {
        state = State.OPEN;
        readAgain();
    }

    /** What it sent while nobody read from it is not late: its time begins anew. */
    private void readAgain() {
        if (frames == 0) {
            openedMs = loop.peerMs();
        }
        lastFrameMs = loop.peerMs();
        frameStartedMs = loop.peerMs();
        lastReadMs = loop.peerMs();
        if (writingFailed != null) {
            closingMs = loop.peerMs();
        }
        updateInterest();
        arm();
    }

    private void shutOutput() {
        outputShut = true;
        closingMs = loop.peerMs();
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            abort("closing failed: " + e.getMessage());
        }
    }

    private void updateInterest() {
        if (state != State.CLOSED && key.isValid()) {
            int read = isMuted() || inputEnded ? 0 : SelectionKey.OP_READ;
            int write = outbound.isEmpty() ? 0 : SelectionKey.OP_WRITE;
            key.interestOps(read | write | (looksForGone ? SelectionKey.OP_CONNECT : 0));
        }
    }

    /** Makes sure that {@link #checkDeadlines} runs when the next of them has come. */
    private void arm() {
        long dueMs = nextDeadlineMs();
        if (dueMs < (armed == null ? Deadlines.NEVER : armed.dueMs())) {
            // In this order: should there be no memory for the new one, the old one still comes.
            Deadlines.Deadline next = loop.scheduleForPeer(dueMs, this, this::checkDeadlines);
            loop.cancelForPeer(armed);
            armed = next;
        }
    }

    private long nextDeadlineMs() {
        if (state == State.CLOSED) {
            return Deadlines.NEVER;
        }
        if (state == State.CLOSING && inputEnded && !outbound.isEmpty()) { // It reads as slowly as one that is open.
            return lastWriteMs + limits.writeTimeoutMs();
        }
        if (state == State.CLOSING || isToBeReadToTheEndNow()) {
            return closingMs + limits.lingerMs();
        }
        long dueMs = outbound.isEmpty() ? Deadlines.NEVER : lastWriteMs + limits.writeTimeoutMs();
        if (frames == 0 && !isUnreadByUs()) {
            return Math.min(dueMs, openedMs + limits.handshakeTimeoutMs());
        }
        if (inputEnded) {
            return Math.min(dueMs, lookedForGoneMs + GONE_CHECK_MS);
        }
        if (isMuted()) { // What it sends is not read, so nothing of it can be late.
            return isUnreadByUs() ? Math.min(dueMs, lastReadMs + UNREAD_CHECK_MS) : dueMs;
        }
        if (idleTimeoutMs != Deadlines.NEVER) {
            dueMs = Math.min(dueMs, lastFrameMs + idleTimeoutMs);
        }
        if (decoder.isInsideFrame()) {
            dueMs = Math.min(dueMs, frameDeadlineMs());
        }
        return dueMs;
    }

    /** Its time to be read to the end runs: not while it waits in a line or for room, which are bounded themselves. */
    private boolean isToBeReadToTheEndNow() {
        return writingFailed != null && !waitsForTurn && !waitsForRoom;
    }

    private long frameDeadlineMs() {
        return Math.min(lastReadMs + limits.frameTimeoutMs(), frameStartedMs + limits.frameLongestMs());
    }

    private void checkDeadlines() {
        armed = null;
        if (nextDeadlineMs() > loop.peerMs()) {
            arm();
            return;
        }
        if (isUnreadByUs() && !isToBeReadToTheEndNow() && !isWriteOverdue()) {
            lastReadMs = loop.peerMs();
            if (frames > 0) {
                handler().onSignOfLife();
            }
            if (paused && writingFailed == null) {
                lookForGone();
            }
            arm();
        } else if (state == State.CLOSING) {
            abort(closeReason);
        } else if (writingFailed != null) {
            abort(writingFailed);
        } else if (isWriteOverdue()) {
            abort("it took nothing for " + limits.writeTimeoutMs() + " ms");
        } else if (inputEnded) {
            lookForGone();
            arm();
        } else {
            readEnded = true;
            if (frames == 0) {
                handler().onTimeout(Timeout.HANDSHAKE, "no message came within " + limits.handshakeTimeoutMs() + " ms");
            } else if (decoder.isInsideFrame() && frameDeadlineMs() <= loop.peerMs()) {
                handler().onTimeout(Timeout.FRAME, frameComplaint());
            } else {
                handler().onTimeout(Timeout.IDLE, "no message came for " + idleTimeoutMs + " ms");
            }
            close("timed out");
        }
    }

    private boolean isWriteOverdue() {
        return !outbound.isEmpty() && lastWriteMs + limits.writeTimeoutMs() <= loop.peerMs();
    }

    private String frameComplaint() {
        return lastReadMs + limits.frameTimeoutMs() <= loop.peerMs()
                ? "a frame began and nothing more of it came for " + limits.frameTimeoutMs() + " ms"
                : "a frame began and did not end within " + limits.frameLongestMs() + " ms";
    }

    private ConnectionHandler handler() {
        if (handler == null) {
            throw new IllegalStateException(name + " was used before it was started");
        }
        return handler;
    }
}
