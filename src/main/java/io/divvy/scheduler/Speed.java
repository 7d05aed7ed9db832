package io.divvy.scheduler;

/** An exponentially weighted mean of the rate at which answers come in while there is work. */
final class Speed {
    /** Long enough that the clock's millisecond does not matter. */
    private static final long WINDOW_MS = 20;

    private static final double WEIGHT = 0.5;

    private double subtasksPerMs;
    private long subtasks;
    private long elapsedMs;

    void add(long answered, long sinceMs, long nowMs) {
        subtasks += answered;
        elapsedMs += nowMs - sinceMs;
        if (elapsedMs >= WINDOW_MS) {
            double rate = (double) subtasks / elapsedMs;
            subtasksPerMs = subtasksPerMs == 0 ? rate : WEIGHT * rate + (1 - WEIGHT) * subtasksPerMs;
            subtasks = 0;
            elapsedMs = 0;
        }
    }

    /** 0 while it is not known. */
    double subtasksPerMs() {
        return subtasksPerMs;
    }

    /** What was measured so far is no longer true. */
    void reset() {
        subtasksPerMs = 0;
        subtasks = 0;
        elapsedMs = 0;
    }
}
