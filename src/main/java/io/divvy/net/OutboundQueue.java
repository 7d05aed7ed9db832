package io.divvy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;

/** Frames that wait to be written, first in, first out. Small ones go out together, in one write. */
final class OutboundQueue {
    /** The JDK copies a long frame through a direct buffer that it keeps; this bounds its size. */
    private static final int BYTES_PER_WRITE = 1 << 18;

    /** Of a frame beside its bytes: the buffer, the array's header, its place. */
    private static final int FRAME_BYTES = 72;

    private final ArrayDeque<ByteBuffer> frames = new ArrayDeque<>();
    private long bytes;
    private long heldBytes;

    void add(ByteBuffer frame) {
        frames.add(frame);
        bytes += frame.remaining();
        heldBytes += FRAME_BYTES + frame.capacity();
    }

    private void removeFirst() {
        heldBytes -= FRAME_BYTES + frames.remove().capacity();
    }

    /**
     * What the frames that wait take in memory: a frame does whole until its last byte is written, and a small one more than
     * its bytes.
     */
    long heldBytes() {
        return heldBytes;
    }

    /** Bytes that wait. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    void clear() {
        frames.clear();
        bytes = 0;
        heldBytes = 0;
    }

    /**
     * Writes until all is gone or the channel takes no more. Returns how many bytes it took.
     *
     * @param buffer that frames are gathered in, whatever is in it: a direct one saves the JDK a copy of each
     */
    long writeTo(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
        long total = 0;
        while (!frames.isEmpty()) {
            long written = frames.element().remaining() > buffer.capacity()
                    ? writeFirst(channel)
                    : writeSeveral(channel, buffer);
            if (written == 0) {
                break;
            }
            total += written;
            bytes -= written;
        }
        return total;
    }

    private int writeFirst(WritableByteChannel channel) throws IOException {
        ByteBuffer first = frames.element();
        int end = first.limit();
        first.limit(Math.min(end, first.position() + BYTES_PER_WRITE));
        int written;
        try {
            written = channel.write(first);
        } finally {
            first.limit(end);
        }
        if (!first.hasRemaining()) {
            removeFirst();
        }
        return written;
    }

    private int writeSeveral(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        for (ByteBuffer frame : frames) {
            if (frame.remaining() > buffer.remaining()) {
                break;
            }
            buffer.put(buffer.position(), frame, frame.position(), frame.remaining());
            buffer.position(buffer.position() + frame.remaining());
        }
        int written = channel.write(buffer.flip());
        for (int left = written; left > 0; ) {
            ByteBuffer frame = frames.element();
            int ofFrame = Math.min(left, frame.remaining());
            frame.position(frame.position() + ofFrame);
            left -= ofFrame;
            if (!frame.hasRemaining()) {
                removeFirst();
            }
        }
        return written;
    }
}
