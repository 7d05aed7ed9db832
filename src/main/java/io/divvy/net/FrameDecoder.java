package io.divvy.net;

import java.util.Arrays;
import java.util.Locale;

/**
 * Cuts a stream of bytes into frames: a 4-byte big-endian length, then that many bytes. It has never seen a socket.
 *
 * <p>A frame that arrives whole is handed on where it lies, without a copy. What is incomplete is kept in a buffer that
 * grows with the bytes that came, not with the length that was announced: an announced length costs the peer as much as it
 * costs us. {@link #readableBytes} says how much may be fed to it so that this buffer stays within bounds.
 */
public final class FrameDecoder {
    private static final int HEADER_BYTES = 4;
    /** Of a frame that is refused, so much is shown at most. */
    private static final int BEGINNING_BYTES = 256;

    /** The least that is kept for a frame; a frame of that size never waits for room. */
    private static final int SMALLEST_BUFFER_BYTES = 64;

    private static final byte[] NONE = {};

    private int maxFrameBytes;
    /** The frame that is incomplete, with its header. */
    private byte[] partial = NONE;

    private int partialLength;

    /** Takes a frame. The bytes are only valid during the call. */
    @FunctionalInterface
    public interface Sink {
        /** Returns whether to go on; false drops all that follows. */
        boolean frame(byte[] bytes, int offset, int length);
    }

    public FrameDecoder(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    /** The longest frame from the next one on. */
    void setMaxFrameBytes(int bytes) {
        maxFrameBytes = bytes;
    }

    /** Whether a frame has begun and not ended. */
    public boolean isInsideFrame() {
        return partialLength > 0;
    }

    /** Lets go of what is incomplete. */
    void drop() {
        partial = NONE;
        partialLength = 0;
    }

    /** What is kept for the incomplete frame. */
    int bufferBytes() {
        return partial.length;
    }

    /**
     * How many bytes may be fed next, up to {@code mostBytes}, so that the buffer grows by no more than {@code roomBytes}; 0 if
     * none. With little room it stops at the end of each header and each frame, because what follows is not known.
     */
    int readableBytes(int mostBytes, long roomBytes) {
        // The end of this frame, if it is near, and the beginning of another.
        int largest = Math.max(mostBytes, capacityFor(mostBytes));
        if (largest - partial.length <= roomBytes) {
            return mostBytes;
        }
        if (partialLength < HEADER_BYTES) {
            return HEADER_BYTES - partialLength;
        }
        int missing = Math.min(mostBytes, HEADER_BYTES + length(partial, 0) - partialLength);
        return capacityFor(missing) - partial.length <= roomBytes
                ? missing
                : Math.min(missing, partial.length - partialLength);
    }

    /** By how much the buffer grows if so many more bytes of the incomplete frame come. */
    int growthBytes(int moreBytes) {
        return capacityFor(moreBytes) - partial.length;
    }

    /** The length of the buffer after so many more bytes of the incomplete frame: it doubles, up to the whole frame. */
    private int capacityFor(int moreBytes) {
        if (partialLength < HEADER_BYTES) {
            return Math.max(partial.length, SMALLEST_BUFFER_BYTES);
        }
        int frameBytes = HEADER_BYTES + length(partial, 0);
        int needed = Math.min(frameBytes, partialLength + moreBytes);
        return needed <= partial.length ? partial.length : Math.min(frameBytes, Math.max(2 * partial.length, needed));
    }

    /** Takes the next bytes of the stream. After an exception, or a false of the sink, it must not be called again. */
    public void feed(byte[] bytes, int offset, int length, Sink sink) throws FrameException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (partialLength == 0 && end - at >= HEADER_BYTES) {
                int frameLength = checkedLength(bytes, at, end);
                if (end - at - HEADER_BYTES >= frameLength) {
                    if (!sink.frame(bytes, at + HEADER_BYTES, frameLength)) {
                        return;
                    }
                    at += HEADER_BYTES + frameLength;
                    continue;
                }
            }
            at += keep(bytes, at, end);
            if (partialLength >= HEADER_BYTES) {
                int frameLength = length(partial, 0);
                if (partialLength == HEADER_BYTES + frameLength) {
                    byte[] frame = partial;
                    drop();
                    if (!sink.frame(frame, HEADER_BYTES, frameLength)) {
                        return;
                    }
                }
            }
        }
    }

    /** Adds to the incomplete frame what belongs to it, up to the end of its header first. Returns how much that was. */
    private int keep(byte[] bytes, int at, int end) throws FrameException {
        int wanted = partialLength < HEADER_BYTES
                ? HEADER_BYTES - partialLength
                : HEADER_BYTES + length(partial, 0) - partialLength;
        int taken = Math.min(wanted, end - at);
        int capacity = capacityFor(taken);
        if (capacity > partial.length) {
            partial = Arrays.copyOf(partial, capacity);
        }
        System.arraycopy(bytes, at, partial, partialLength, taken);
        boolean wasInHeader = partialLength < HEADER_BYTES;
        partialLength += taken;
        if (wasInHeader && partialLength == HEADER_BYTES) {
            checkLength(length(partial, 0), bytes, at + taken, end);
        }
        return taken;
    }

    private int checkedLength(byte[] bytes, int at, int end) throws FrameException {
        int length = length(bytes, at);
        checkLength(length, bytes, at + HEADER_BYTES, end);
        return length;
    }

    /** @param at where what came of the frame begins, up to {@code end} */
    private void checkLength(int length, byte[] bytes, int at, int end) throws FrameException {
        if (length <= 0) {
            throw FrameException.noLength("a frame's length is " + Integer.toUnsignedString(length) + "; expected 1 to "
                    + maxFrameBytes + " as a 4-byte big-endian number");
        }
        if (length > maxFrameBytes) {
            if (HttpPort.isRequest(length)) {
                throw FrameException.ofHttp("an HTTP request came where a frame was expected");
            }
            throw FrameException.tooLarge(
                    String.format(
                            Locale.ROOT,
                            "a frame of %,d bytes is too large; at most %,d are taken",
                            length,
                            maxFrameBytes),
                    Arrays.copyOfRange(bytes, at, Math.min(end, at + BEGINNING_BYTES)));
        }
    }

    private static int length(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }
}
