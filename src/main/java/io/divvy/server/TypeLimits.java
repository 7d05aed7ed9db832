package io.divvy.server;

import io.divvy.heap.HeapShare;

/**
 * The bounds of task types that do not ship with Divvy. All but the first are for each type, so that none pays for another.
 *
 * @param callMs that one call of such code may take, before it counts as one that never returns
 * @param threads that run the code of one type, those included that never came back: once all are gone, the type is refused
 * @param waitingBytes of what waits for the code of one type: submissions, and results that are not looked at or folded
 * @param payloadAheadBytes of payloads that are made before anybody asks for them
 */
public record TypeLimits(long callMs, int threads, long waitingBytes, long payloadAheadBytes) {
    /** What a call in line takes beside the bytes that it is for. */
    static final long CALL_BYTES = 512;

    /** From when on a call does not keep a processor busy that others of its type could have: it may wait for something. */
    static final long SLOW_MS = 100;

    /** How often is looked at how long calls take. */
    static final long CHECK_MS = 50;

    /** Time between two looks that counts at most: what is more was lost by this process, and not by the call. */
    static final long CHECKED_MS = 1_000;

    /** After how long without work a thread ends. */
    static final long IDLE_MS = 10_000;

    /** When a sender of a refused type may try again. */
    static final long REFUSED_RETRY_MS = 60_000;

    /** When a sender of a type for whose code too much waits may try again. */
    static final long FULL_RETRY_MS = 1_000;

    static TypeLimits forHeap(long heapBytes) {
        return new TypeLimits(10_000, 8, HeapShare.TYPE_CODE.of(heapBytes), HeapShare.PAYLOADS_AHEAD.of(heapBytes));
    }

    /**
     * Of what is large, and combined by code of ours: that returns, and is never refused, as who sends much is not read from
     * meanwhile ({@link TypeLanes#isBehind}). One processor remains for the loop.
     */
    static TypeLimits ofLarge() {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
        return new TypeLimits(Long.MAX_VALUE, threads, Long.MAX_VALUE, 0);
    }

    public TypeLimits withCallMs(long ms) {
        return new TypeLimits(ms, threads, waitingBytes, payloadAheadBytes);
    }
}
