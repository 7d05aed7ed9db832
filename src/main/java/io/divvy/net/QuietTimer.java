package io.divvy.net;

import java.nio.ByteBuffer;

/**
 * Sends a frame to a peer whenever nothing else was written to it for a while, so that it can tell a quiet server from one that
 * is gone. Nothing is done for each frame: one timer looks at when the last of them went out. Many such timers share their
 * moments, so that thousands of quiet connections do not wake the loop a thousand times a second.
 */
final class QuietTimer {
    /** Of its period, what it may be early for the company of others. */
    private static final long EARLY_PART = 64;

    private final EventLoop loop;
    private final Connection connection;
    private final ByteBuffer frame;
    private final long periodMs;
    private final long gridMs;
    private Timeline.Scheduled next;

    /** @param frame header included */
    QuietTimer(EventLoop loop, Connection connection, ByteBuffer frame, long periodMs) {
        this.loop = loop;
        this.connection = connection;
        this.frame = frame;
        this.periodMs = periodMs;
        this.gridMs = Math.max(1, periodMs / EARLY_PART);
        this.next = scheduleAfter(loop.nowMs());
    }

    private Timeline.Scheduled scheduleAfter(long writtenMs) {
        return loop.schedule(dueMs(writtenMs), connection, this::look);
    }

    private long dueMs(long writtenMs) {
        long latestMs = writtenMs + periodMs;
        return latestMs - latestMs % gridMs;
    }

    private void look() {
        long writtenMs = connection.lastWrittenMs();
        if (dueMs(writtenMs) <= loop.nowMs()) {
            // What waits for it says as much, once it reads.
            if (connection.outboundBytes() == 0) {
                connection.send(frame.duplicate());
            }
            writtenMs = loop.nowMs();
        }
        next = scheduleAfter(writtenMs);
    }

    void cancel() {
        next.cancel();
    }
}
