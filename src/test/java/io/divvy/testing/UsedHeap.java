package io.divvy.testing;

/** How much of the heap is in use. */
public final class UsedHeap {
    private UsedHeap() {}

    /** Bytes that are left after a collection: the least of three looks. */
    public static long bytes() {
        long used = Long.MAX_VALUE;
        for (int look = 0; look < 3; look++) {
            System.gc();
            used = Math.min(
                    used,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return used;
    }
}
