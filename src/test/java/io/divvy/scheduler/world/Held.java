package io.divvy.scheduler.world;

/** A lease that a worker holds. {@code next} is what it starts next. */
final class Held {
    final long lease;
    final SimulatedTask task;
    final long from;
    long to;
    long next;
    /** Whether it is to be released when what runs of it is done. */
    boolean isCancelled;

    Held(long lease, SimulatedTask task, long from, long to) {
        this.lease = lease;
        this.task = task;
        this.from = from;
        this.to = to;
        this.next = from;
    }
}
