package io.divvy.scheduler;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongPredicate;

/** Of which leases one worker was asked to give something back, and has not answered; they may be closed by now. */
final class Revokes {
    /** With when that was, by the time that peers had. */
    private final Map<Long, Long> askedPeerMs = new LinkedHashMap<>();

    private boolean areIgnored;

    void ask(long lease, long peerMs) {
        askedPeerMs.put(lease, peerMs);
    }

    boolean isAsked(long lease) {
        return askedPeerMs.containsKey(lease);
    }

    boolean isEmpty() {
        return askedPeerMs.isEmpty();
    }

    /** The worker released something of the lease, late or not: it does give back. */
    void released(long lease) {
        if (askedPeerMs.remove(lease) != null) {
            areIgnored = false;
        }
    }

    /** Whether it let a revoke go unanswered: it gets nothing that would wait at it. */
    boolean areIgnored() {
        return areIgnored;
    }

    /** When the first of those that are not due yet becomes due, if each is so long after it was asked; at most {@code lastMs}. */
    long nextDueMs(long inMs, long peerMs, long lastMs) {
        long next = lastMs;
        for (long asked : askedPeerMs.values()) {
            long dueMs = asked + inMs;
            next = dueMs > peerMs ? Math.min(next, dueMs) : next;
        }
        return next;
    }

    /**
     * Those that were asked by then are ignored.
     *
     * @param forget says of each of them whether to wait for it no longer
     */
    void ignoredSince(long peerMs, LongPredicate forget) {
        for (Iterator<Map.Entry<Long, Long>> each = askedPeerMs.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Long, Long> revoke = each.next();
            if (revoke.getValue() <= peerMs) {
                areIgnored = true;
                if (forget.test(revoke.getKey())) {
                    each.remove();
                }
            }
        }
    }
}
