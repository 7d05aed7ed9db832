package io.divvy.net;

import io.divvy.net.ConnectionHandler.Timeout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * What a connection reads: bytes become frames, within the {@link FrameRoom} that all incomplete frames share, and in pieces
 * that are no dearer than a turn of the loop may be. And why it is not read from, for what reason of ours, or because the peer
 * sends nothing more.
 */
final class ReadingSide {
    private final EventLoop loop;
    private final NetLimits limits;
    private final SocketChannel channel;
    private final Connection connection;
    private final PeerTimes times;
    private final FrameDecoder decoder;

    private boolean ended;
    /** The peer sends nothing more. */
    private boolean inputEnded;
    /** Its key is registered so that only the end of both directions reports it. */
    private boolean looksForGone;

    private boolean waitsForRoom;
    private boolean waitsForTurn;
    private boolean paused;
    private boolean heavy;
    private boolean broughtLargeFrame;
    private int pieceBytes = NetLimits.FIRST_PIECE_BYTES;
    private int countedFrameBytes;
    private long broughtBytes;
    private long frames;

    ReadingSide(EventLoop loop, NetLimits limits, SocketChannel channel, Connection connection, PeerTimes times) {
        this.loop = loop;
        this.limits = limits;
        this.channel = channel;
        this.connection = connection;
        this.times = times;
        this.decoder = new FrameDecoder(limits.firstFrameBytes());
    }

    /** Whether it brought much when it was read from last. */
    boolean isHeavy() {
        return heavy;
    }

    /** How many frames came so far. */
    long frames() {
        return frames;
    }

    /** What it brought so far. */
    long broughtBytes() {
        return broughtBytes;
    }

    boolean isInsideFrame() {
        return decoder.isInsideFrame();
    }

    /** How much room its incomplete frame takes if it is read from. */
    long nextGrowthBytes() {
        return decoder.growthBytes(limits.readBufferBytes());
    }

    /** Whether the peer sends nothing more. */
    boolean inputEnded() {
        return inputEnded;
    }

    /** Whether it is not read from although it is not slow to read: its silence is ours. */
    boolean isUnreadByUs() {
        return connection.isOpen() && !connection.isSlow() && (waitsToBeRead() || paused) && !inputEnded;
    }

    /** Whether it waits in a line, or for room. */
    boolean waitsToBeRead() {
        return waitsForRoom || waitsForTurn;
    }

    /** What the Selector is to tell of it. */
    int interest() {
        int read = connection.isMuted() || inputEnded ? 0 : SelectionKey.OP_READ;
        return looksForGone ? read | SelectionKey.OP_CONNECT : read;
    }

    /** Whether what comes is thrown away. */
    boolean hasEnded() {
        return ended;
    }

    void read(ByteBuffer buffer) throws IOException {
        boolean decodes = connection.isOpen() && !ended;
        buffer.clear();
        int most = Math.min(heavy || connection.isNew() ? pieceBytes : NetLimits.HEAVY_BYTES, buffer.capacity());
        if (decodes) {
            int readable = decoder.readableBytes(most, loop.frameRoom().bytesFor(this, decoder.bufferBytes()));
            if (readable == 0) {
                awaitRoom();
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
        // While it closes what was read is thrown away.
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

    private void decode(byte[] bytes, int count) {
        boolean wasInsideFrame = decoder.isInsideFrame();
        long framesBefore = frames;
        broughtBytes += count;
        times.bytesCame();
        try {
            decoder.feed(bytes, 0, count, this::deliver);
        } catch (FrameException e) {
            ended = true;
            dropFrame();
            connection.handler().onBadFrame(e);
            connection.close(String.valueOf(e.getMessage()));
            return;
        }
        countFrameBytes();
        if (frames > framesBefore) {
            loop.frameRoom().frameEnded(this, decoder.bufferBytes());
        } else if (frames > 0) {
            connection.handler().onSignOfLife();
        }
        if (decoder.isInsideFrame() && (!wasInsideFrame || frames > framesBefore)) {
            times.frameBegan();
        }
    }

    private boolean deliver(byte[] bytes, int offset, int length) {
        frames++;
        times.frameCame();
        broughtLargeFrame |= length >= NetLimits.HEAVY_BYTES;
        decoder.setMaxFrameBytes(limits.maxFrameBytes());
        connection.handler().onFrame(bytes, offset, length);
        return connection.isOpen();
    }

    /** Nothing more of an incomplete frame is wanted, or comes. */
    void dropFrame() {
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

    // Why it is not read from.

    void awaitTurn() {
        waitsForTurn = true;
        stopReading();
    }

    void beginTurn() {
        if (waitsForTurn) {
            waitsForTurn = false;
            readAgain();
        }
    }

    void pause() {
        if (!paused) {
            paused = true;
            stopReading();
        }
    }

    void resume() {
        if (paused) {
            paused = false;
            readAgain();
        }
    }

    private void awaitRoom() {
        waitsForRoom = true;
        loop.frameRoom().await(this);
        stopReading();
    }

    /** There is room for its frame, which waited for some. */
    void onRoom() {
        waitsForRoom = false;
        readAgain();
    }

    private void stopReading() {
        connection.updateInterest();
        times.arm();
    }

    /** What it sent while nobody read from it is not late: its time begins anew. */
    void readAgain() {
        times.beginAnew();
        connection.updateInterest();
        times.arm();
    }

    /** It was not read from for long, for a reason of ours. */
    void onUnreadForLong() {
        if (frames > 0) {
            connection.handler().onSignOfLife();
        }
        if (paused && !connection.isWritingFailed()) {
            lookForGone();
        }
    }

    // What did not come.

    /** Its frame takes room that others wait for, and comes too slowly for that. */
    void cutSlowFrame() {
        timeOut(
                Timeout.FRAME,
                "less than " + NetLimits.SLOW_FRAME_BYTES + " bytes of a large frame came in "
                        + NetLimits.SLOW_FRAME_MS + " ms, while others waited for its room; "
                        + (connection.isSlow() ? "read what waits for you" : "send it at once")
                        + ", or send it again later",
                "its frame came too slowly");
    }

    /** Something that was due did not come, and that ends the connection, for that reason. */
    void timeOut(Timeout timeout, String message, String reason) {
        ended = true;
        connection.handler().onTimeout(timeout, message);
        connection.close(reason);
    }

    private void endInput() {
        inputEnded = true;
        dropFrame();
        if (!connection.staysWithoutInput()) {
            return;
        }
        times.looksForGone();
        stopReading();
    }

    /**
     * Finds out whether a peer is still there that sends nothing more, or is not read from while it is paused. Readable it
     * may always be, and asking for nothing means to be told nothing. To be connected, which it is, never is reported, but
     * the end of both directions is, whatever is asked for. The system also reports that it could be written to, so this is
     * asked for one look of the Selector only.
     */
    void lookForGone() {
        times.looksForGone();
        looksForGone = true;
        connection.updateInterest();
        loop.execute(() -> {
            looksForGone = false;
            connection.updateInterest();
        });
    }

    /** Whether it is no longer there if both directions have ended. One that is read from again is read to its end first. */
    boolean isLookedForGone() {
        return inputEnded || paused;
    }
}
