package io.divvy.scheduler;

/**
 * Memory that all tasks share for what they remember of failed attempts. Nothing fails for want of it: less is remembered
 * then. A quarter of it is for kinds of failures alone, as these say the most and take little.
 */
final class FailureRoom {
    /** One task has this at most of it, for single subtasks, and never more than {@link #TASK_BYTES}. */
    private static final int TASKS = 16;

    static final long TASK_BYTES = 256 << 10;

    private final long mostBytes;
    private long bytes;

    FailureRoom(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** For the single subtasks of one task. */
    long taskBytes() {
        return Math.min(TASK_BYTES, mostBytes / TASKS);
    }

    /** Whether there is room for what is known of a single subtask. */
    boolean hasRoom(long more) {
        return bytes + more <= mostBytes / 4 * 3;
    }

    boolean hasRoomForKind(long more) {
        return bytes + more <= mostBytes;
    }

    /** So many bytes more, or less. */
    void change(long by) {
        bytes += by;
    }

    long bytes() {
        return bytes;
    }
}
