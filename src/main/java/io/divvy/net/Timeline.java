package io.divvy.net;

/** The time of a loop, and what is due on it. To be used on the loop's thread. */
public interface Timeline {
    /** The time of this turn, in milliseconds since the epoch. */
    long nowMs();

    /** Runs the action on the loop at a time, unless it is cancelled before. */
    Scheduled schedule(long dueMs, Runnable action);

    /** What was scheduled, for who may not need it any more. */
    @FunctionalInterface
    interface Scheduled {
        /** Forgets it at once, with all that it holds. Does nothing if it ran. On the loop. */
        void cancel();
    }
}
