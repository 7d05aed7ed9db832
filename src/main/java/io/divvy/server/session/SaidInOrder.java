package io.divvy.server.session;

import io.divvy.net.Peer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Keeps what one worker says in order. Code of a task's type may have to look at some of it on another thread first; what is said
 * after that waits until it has: that a lease is released, say, means the part that was not answered before. What waits is
 * taken up as if it had just come, as what is known of its lease may have changed.
 */
final class SaidInOrder {
    /** From so many bytes of waiting frames on the worker is not read from until none waits. */
    static final long MOST_WAITING_BYTES = 256 << 10;
    /** What the smallest message takes while it waits. */
    private static final int MESSAGE_BYTES = 512;

    private final Peer peer;
    private final Consumer<Throwable> failed;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean isLookedAt;
    /** Whether what waits is being done. */
    private boolean isTakingUp;

    private boolean isPaused;

    /** @param failed hears what an act throws that had to wait; what did not wait throws where it was said */
    SaidInOrder(Peer peer, Consumer<Throwable> failed) {
        this.peer = peer;
        this.failed = failed;
    }

    /** Whether nothing is looked at, and nothing waits. */
    boolean isUpToDate() {
        return !isLookedAt && waiting.isEmpty();
    }

    /** Something that was said is looked at from now on. */
    void beginLook() {
        isLookedAt = true;
    }

    /** It was looked at, and what that gave is done. */
    void endLook() {
        isLookedAt = false;
        if (isTakingUp) {
            return; // That was looked at where it was said: what is behind it follows.
        }
        isTakingUp = true;
        while (!isLookedAt && !waiting.isEmpty()) {
            run(waiting.remove());
        }
        isTakingUp = false;
        if (waiting.isEmpty()) {
            waitingBytes = 0;
            resume();
        }
    }

    private void run(Runnable act) {
        try {
            act.run();
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    private void resume() {
        if (isPaused) {
            isPaused = false;
            peer.resume();
        }
    }

    /**
     * Does it after all that was said before, or at once if that is done.
     *
     * @param frameBytes how long it was on the wire
     */
    void act(long frameBytes, Runnable act) {
        if (isUpToDate()) {
            act.run();
            return;
        }
        waiting.add(act);
        waitingBytes += MESSAGE_BYTES + frameBytes;
        if (!isPaused && waitingBytes >= MOST_WAITING_BYTES) {
            isPaused = true;
            peer.pause();
        }
    }

    /** The worker is gone for good: what waits is not done any more. */
    void forget() {
        waiting.clear();
        waitingBytes = 0;
        resume();
    }
}
