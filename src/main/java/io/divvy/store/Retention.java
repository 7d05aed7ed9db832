package io.divvy.store;

import io.divvy.heap.HeapShare;

/**
 * How much of what is finished a store keeps: the newest, within three bounds.
 *
 * @param ms for how long, since the task finished
 * @param tasks how many
 * @param bytes that they may take together; the newest task is kept whatever its size
 */
public record Retention(long ms, int tasks, long bytes) {
    /** What suits this process: {@link #forHeap} of the memory that it may use. */
    public static final Retention DEFAULT = forHeap(Runtime.getRuntime().maxMemory());

    /**
     * A week, long enough to look on Monday at what ran on Friday; and for a heap of so many bytes no more than its share.
     */
    public static Retention forHeap(long heapBytes) {
        return new Retention(7L * 24 * 3600 * 1000, 100_000, HeapShare.FINISHED_TASKS.of(heapBytes));
    }
}
