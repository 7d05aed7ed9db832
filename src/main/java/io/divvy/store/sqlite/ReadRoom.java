package io.divvy.store.sqlite;

/**
 * The bytes that readers have read and the loop has not taken yet. A reader waits while they are too many: the loop takes
 * what there is in its next turns, whatever clients do.
 */
final class ReadRoom {
    private final long bytes;
    private long used;
    private boolean isClosed;

    ReadRoom(long bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes room for all that one read holds, once, and waits until there is some. One that needs more than all the room
     * waits until nobody else has any.
     */
    synchronized void enter(long wanted) {
        boolean isInterrupted = false;
        while (used > 0 && used + wanted > bytes && !isClosed) {
            try {
                wait();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        used += wanted;
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void leave(long entered) {
        used -= entered;
        notifyAll();
    }

    /** Nobody waits any more. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }
}
