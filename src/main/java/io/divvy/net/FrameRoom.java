package io.divvy.net;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The room that the incomplete frames of all connections share. When it is used up, a connection whose frame would grow
 * waits, unread, and the one that waited longest is favoured: its frame may grow to its end, whatever is free. So the frames
 * never take more than the limit and one frame, and they never all wait for each other.
 */
final class FrameRoom {
    private final long limitBytes;
    private final Set<Connection> waiting = new LinkedHashSet<>();
    private long usedBytes;

    @Nullable
    private Connection favoured;

    FrameRoom(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** How much the frame of a connection may grow now. */
    long bytesFor(Connection connection) {
        return connection == favoured ? Long.MAX_VALUE : Math.max(0, limitBytes - usedBytes);
    }

    long usedBytes() {
        return usedBytes;
    }

    /** The buffer of some frame grew, or shrank if that is negative. */
    void grew(long bytes) {
        usedBytes += bytes;
    }

    /** The connection is not read from until there is room. */
    void await(Connection connection) {
        waiting.add(connection);
    }

    /** The connection's frame came to its end, or nothing of it will come any more. */
    void frameEnded(Connection connection) {
        waiting.remove(connection);
        if (favoured == connection) {
            favoured = null;
        }
    }

    /** Gives room to those that wait, the longest first. Once a turn. */
    void settle() {
        long freeBytes = limitBytes - usedBytes;
        while (!waiting.isEmpty()) {
            Connection first = waiting.iterator().next();
            if (first.nextGrowthBytes() > freeBytes) {
                if (favoured != null) {
                    return;
                }
                favoured = first;
            } else {
                freeBytes -= first.nextGrowthBytes();
            }
            waiting.remove(first);
            first.onRoom();
        }
    }
}
