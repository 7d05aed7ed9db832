package io.divvy.scheduler;

import java.util.LinkedHashMap;

/**
 * The open leases of a worker by number: those that it has in the order in which it got them, which is that in which it starts
 * them.
 */
final class OpenLeases extends LinkedHashMap<Long, Lease> {
    private static final long serialVersionUID = 1;

    /** The number of the one that was put behind all others last. */
    private long newest;

    void grant(Lease lease) {
        put(lease.number, lease);
        newest = lease.number;
    }

    /** The worker gets it now, after all that it got before: the payloads of older ones may still be made. */
    void send(Lease lease) {
        lease.isAssigned = true;
        if (lease.number != newest) {
            remove(lease.number);
            grant(lease);
        }
    }
}
