package io.divvy.scheduler;

/** An exponentially weighted mean of the rate at which answers come in while there is work. */
final class Speed {
    /** Long enough that the clock's millisecond does not matter. */
    private static final long WINDOW_MS = 20;

    private static final double WEIGHT = 0.5;

    private double subtasksPerMs;
    private long subtasks;
    private long elapsedMs;
    /** Whether nothing contradicts what was measured. */
    private boolean isCurrent;

    void add(long answered, long sinceMs, long nowMs) {
        subtasks += answered;
        elapsedMs += nowMs - sinceMs;
        if (elapsedMs >= WINDOW_MS) {
            double rate = (double) subtasks / elapsedMs;
            subtasksPerMs = isCurrent ? WEIGHT * rate + (1 - WEIGHT) * subtasksPerMs : rate;
            isCurrent = true;
            subtasks = 0;
            elapsedMs = 0;
        }
    }

    /** 0 while it is not known. */
    double subtasksPerMs() {
        return subtasksPerMs;
    }

    /** Whether it was measured, and not found wrong since. */
    boolean isCurrent() {
        return isCurrent;
    }

    /** What was measured so far is no longer true: it is an estimate until the next is known. */
    void measureAnew() {
        isCurrent = false;
        subtasks = 0;
        elapsedMs = 0;
    }

    /** What was measured so far is no longer true, and not known any more. */
    void reset() {
        measureAnew();
        subtasksPerMs = 0;
    }
}
