package io.divvy.net;

import io.divvy.net.ConnectionHandler.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * When the peer of a connection did what last, and what is due because of that. All of it is the peer's time, in which it is
 * not late because of us: see {@link EventLoop#peerMs}.
 */
final class PeerTimes {
    /** How often the owner of a connection that is not read from for a reason of ours hears that its peer is not silent. */
    private static final long UNREAD_CHECK_MS = 1_000;
    /** How often it is looked whether a peer that sends nothing more is still there. */
    private static final long GONE_CHECK_MS = 1_000;

    private final EventLoop loop;
    private final NetLimits limits;
    private final Connection connection;
    private final long acceptedMs;

    private long idleTimeoutMs = Deadlines.NEVER;
    private long openedMs;
    private long lastFrameMs;
    private long frameStartedMs;
    private long lastReadMs;
    private long lastWriteMs;
    /** Since when it closes, or has said its last words, or cannot be written to. */
    private long closingMs;

    private long lookedForGoneMs;

    /** The one deadline that is armed: never later than the next that is due, and looked at again when it comes. */
    private Deadlines.@Nullable Deadline armed;

    PeerTimes(EventLoop loop, NetLimits limits, Connection connection) {
        this.loop = loop;
        this.limits = limits;
        this.connection = connection;
        this.acceptedMs = loop.peerMs();
        this.openedMs = acceptedMs;
        this.lastFrameMs = acceptedMs;
    }

    /** Whether it is here for so short a time that nothing is known of it. */
    boolean isNew() {
        return loop.peerMs() - acceptedMs < NetLimits.NEW_MS;
    }

    /** From now on it may be silent for so long. */
    void setIdleTimeoutMs(long timeoutMs) {
        idleTimeoutMs = timeoutMs;
        lastFrameMs = loop.peerMs();
        arm();
    }

    void bytesCame() {
        lastReadMs = loop.peerMs();
    }

    void frameCame() {
        lastFrameMs = loop.peerMs();
    }

    /** A frame began, and is not there whole. */
    void frameBegan() {
        frameStartedMs = loop.peerMs();
        arm();
    }

    /** It took something, or something is there to be taken for the first time. */
    void wrote() {
        lastWriteMs = loop.peerMs();
    }

    void closes() {
        closingMs = loop.peerMs();
    }

    void looksForGone() {
        lookedForGoneMs = loop.peerMs();
    }

    /** What it sent while nobody read from it is not late: its time begins anew. */
    void beginAnew() {
        long nowMs = loop.peerMs();
        if (connection.reading().frames() == 0) {
            openedMs = nowMs;
        }
        lastFrameMs = nowMs;
        frameStartedMs = nowMs;
        lastReadMs = nowMs;
        if (connection.isWritingFailed()) {
            closingMs = nowMs;
        }
    }

    /** Makes sure that {@link #check} runs when the next of them has come. */
    void arm() {
        long dueMs = nextDeadlineMs();
        if (dueMs < (armed == null ? Deadlines.NEVER : armed.dueMs())) {
            // In this order: should there be no memory for the new one, the old one still comes.
            Deadlines.Deadline next = loop.scheduleForPeer(dueMs, connection, this::check);
            loop.cancelForPeer(armed);
            armed = next;
        }
    }

    void disarm() {
        loop.cancelForPeer(armed);
        armed = null;
    }

    private long nextDeadlineMs() {
        if (connection.isClosed()) {
            return Deadlines.NEVER;
        }
        ReadingSide reading = connection.reading();
        boolean isWritten = connection.writing().isEmpty();
        if (connection.isClosing() && reading.inputEnded() && !isWritten) {
            return lastWriteMs + limits.writeTimeoutMs(); // It reads as slowly as one that is open.
        }
        if (connection.isClosing() || isToBeReadToTheEndNow()) {
            return closingMs + limits.lingerMs();
        }
        long dueMs = isWritten ? Deadlines.NEVER : lastWriteMs + limits.writeTimeoutMs();
        if (reading.frames() == 0 && !reading.isUnreadByUs()) {
            return Math.min(dueMs, openedMs + limits.handshakeTimeoutMs());
        }
        if (reading.inputEnded()) {
            return Math.min(dueMs, lookedForGoneMs + GONE_CHECK_MS);
        }
        if (connection.isMuted()) { // What it sends is not read, so nothing of it can be late.
            return reading.isUnreadByUs() ? Math.min(dueMs, lastReadMs + UNREAD_CHECK_MS) : dueMs;
        }
        if (idleTimeoutMs != Deadlines.NEVER) {
            dueMs = Math.min(dueMs, lastFrameMs + idleTimeoutMs);
        }
        if (reading.isInsideFrame()) {
            dueMs = Math.min(dueMs, frameDeadlineMs());
        }
        return dueMs;
    }

    /** Its time to be read to the end runs: not while it waits in a line or for room, which are bounded themselves. */
    private boolean isToBeReadToTheEndNow() {
        return connection.isWritingFailed() && !connection.reading().waitsToBeRead();
    }

    private long frameDeadlineMs() {
        return Math.min(lastReadMs + limits.frameTimeoutMs(), frameStartedMs + limits.frameLongestMs());
    }

    private void check() {
        armed = null;
        if (nextDeadlineMs() > loop.peerMs()) {
            arm();
            return;
        }
        ReadingSide reading = connection.reading();
        if (reading.isUnreadByUs() && !isToBeReadToTheEndNow() && !isWriteOverdue()) {
            lastReadMs = loop.peerMs();
            reading.onUnreadForLong();
            arm();
        } else if (connection.isClosing() || connection.isWritingFailed()) {
            connection.abortAtLast();
        } else if (isWriteOverdue()) {
            connection.abort("it took nothing for " + limits.writeTimeoutMs() + " ms");
        } else if (reading.inputEnded()) {
            reading.lookForGone();
            arm();
        } else if (reading.frames() == 0) {
            reading.timeOut(
                    Timeout.HANDSHAKE, "no message came within " + limits.handshakeTimeoutMs() + " ms", "timed out");
        } else if (reading.isInsideFrame() && frameDeadlineMs() <= loop.peerMs()) {
            reading.timeOut(Timeout.FRAME, frameComplaint(), "timed out");
        } else {
            reading.timeOut(Timeout.IDLE, "no message came for " + idleTimeoutMs + " ms", "timed out");
        }
    }

    private boolean isWriteOverdue() {
        return !connection.writing().isEmpty() && lastWriteMs + limits.writeTimeoutMs() <= loop.peerMs();
    }

    private String frameComplaint() {
        return lastReadMs + limits.frameTimeoutMs() <= loop.peerMs()
                ? "a frame began and nothing more of it came for " + limits.frameTimeoutMs() + " ms"
                : "a frame began and did not end within " + limits.frameLongestMs() + " ms";
    }
}
