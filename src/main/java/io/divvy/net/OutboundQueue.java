package io.divvy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;

/** Frames that wait to be written, first in, first out. Several go out in one gathering write. */
final class OutboundQueue {
    /** Frames in one write; the kernel takes up to 1,024. */
    private static final int FRAMES_PER_WRITE = 64;
    /** The JDK copies what is written through a direct buffer that it keeps; this bounds its size. */
    private static final int BYTES_PER_WRITE = 1 << 18;

    private final ArrayDeque<ByteBuffer> frames = new ArrayDeque<>();
    private long bytes;

    void add(ByteBuffer frame) {
        frames.add(frame);
        bytes += frame.remaining();
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
    }

    /** Writes until all is gone or the channel takes no more. Returns how many bytes it took. */
    long writeTo(GatheringByteChannel channel) throws IOException {
        long total = 0;
        while (!frames.isEmpty()) {
            long written = frames.size() == 1 ? writeFirst(channel) : writeSeveral(channel);
            if (written == 0) {
                break;
            }
            total += written;
            bytes -= written;
            while (!frames.isEmpty() && !frames.peek().hasRemaining()) {
                frames.remove();
            }
        }
        return total;
    }

    private long writeFirst(GatheringByteChannel channel) throws IOException {
        ByteBuffer first = frames.element();
        int end = first.limit();
        first.limit(Math.min(end, first.position() + BYTES_PER_WRITE));
        try {
            return channel.write(first);
        } finally {
            first.limit(end);
        }
    }

    private long writeSeveral(GatheringByteChannel channel) throws IOException {
        ByteBuffer[] batch = new ByteBuffer[Math.min(frames.size(), FRAMES_PER_WRITE)];
        int count = 0;
        int batchBytes = 0;
        for (ByteBuffer frame : frames) {
            if (count == batch.length || batchBytes + frame.remaining() > BYTES_PER_WRITE) {
                break;
            }
            batch[count++] = frame;
            batchBytes += frame.remaining();
        }
        return count == 0 ? writeFirst(channel) : channel.write(batch, 0, count);
    }
}
