package io.divvy.net;

import java.util.Arrays;

/**
 * Cuts a stream of bytes into frames: a 4-byte big-endian length, then that many bytes. It has never seen a socket.
 *
 * <p>A frame that arrives whole is handed on where it lies, without a copy. What is incomplete is kept in a buffer that
 * grows with the bytes that came, not with the length that was announced: an announced length costs the peer as much as it
 * costs us.
 */
public final class FrameDecoder {
    private static final int HEADER_BYTES = 4;
    private static final byte[] NONE = {};

    private final int maxFrameBytes;
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

    /** Takes the next bytes of the stream. After an exception, or a false of the sink, it must not be called again. */
    public void feed(byte[] bytes, int offset, int length, Sink sink) throws FrameException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (partialLength == 0 && end - at >= HEADER_BYTES) {
                int frameLength = checkedLength(bytes, at);
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
                int frameLength = checkedLength(partial, 0);
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
                : HEADER_BYTES + checkedLength(partial, 0) - partialLength;
        int taken = Math.min(wanted, end - at);
        if (partialLength + taken > partial.length) {
            int atMost = partialLength < HEADER_BYTES ? 64 : partialLength + wanted;
            partial = Arrays.copyOf(partial, Math.min(atMost, Math.max(2 * partial.length, partialLength + taken)));
        }
        System.arraycopy(bytes, at, partial, partialLength, taken);
        partialLength += taken;
        return taken;
    }

    private int checkedLength(byte[] bytes, int at) throws FrameException {
        int length = (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
        if (length <= 0) {
            throw new FrameException(
                    "a frame's length is " + Integer.toUnsignedString(length) + "; expected 1 to " + maxFrameBytes
                            + " as a 4-byte big-endian number",
                    false);
        }
        if (length > maxFrameBytes) {
            throw new FrameException(
                    "a frame of " + length + " bytes is too large; at most " + maxFrameBytes + " are taken", true);
        }
        return length;
    }
}
