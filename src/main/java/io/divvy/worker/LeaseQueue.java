package io.divvy.worker;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is assigned over the present connection and not started yet. It is started in the order in which it came, whatever is
 * taken from it or given back: the server counts on that when it looks for the subtask that a worker died of.
 *
 * <p>A slot takes a batch: one subtask while nothing is known of their length, then as many as take the time that the task's
 * batches should take, but never more than its share of all that waits.
 */
final class LeaseQueue {
    /** Leases whose range is remembered, to tell what is left of one. */
    private static final int LEASES_KNOWN = 10_000;

    private static final Comparator<Batch> AS_THEY_CAME = Comparator.<Batch>comparingLong(
                    batch -> batch.lease().origin().order())
            .thenComparingLong(Batch::from);

    private final int slots;
    private final Map<Long, Assignment> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Assignment> eldest) {
            return size() > LEASES_KNOWN;
        }
    };
    /** Of one lease no two overlap. */
    private final NavigableSet<Batch> waiting = new TreeSet<>(AS_THEY_CAME);

    /** A run of indexes of one lease. */
    record Batch(Assignment lease, long from, long to) {
        WorkerTask task() {
            return lease.task();
        }

        long size() {
            return to - from;
        }

        /** Whether it is to be done at once. A single result is not: it is kept, and can be offered again. */
        boolean isFoldable() {
            return task().folds() && lease.payloads() == null && size() > 1;
        }

        Batch part(long partFrom, long partTo) {
            return new Batch(lease, partFrom, partTo);
        }
    }

    LeaseQueue(int slots) {
        this.slots = slots;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Adds a lease.
     *
     * @param leftOut parts of it that are not to be done, in any order
     */
    void add(Assignment lease, List<IndexRange> leftOut) {
        known.put(lease.number(), lease);
        long next = lease.from();
        for (IndexRange out : leftOut.stream()
                .sorted(Comparator.comparingLong(IndexRange::from))
                .toList()) {
            add(new Batch(lease, next, Math.min(out.from(), lease.to())));
            next = Math.max(next, out.to());
        }
        add(new Batch(lease, next, lease.to()));
    }

    private void add(Batch batch) {
        if (batch.size() > 0) {
            waiting.add(batch);
        }
    }

    /** Puts back what a slot took and did not start, where it was. */
    void giveBack(Batch rest) {
        Batch after = waiting.higher(rest);
        if (after != null && after.lease().equals(rest.lease()) && after.from() == rest.to()) {
            waiting.remove(after);
            waiting.add(rest.part(rest.from(), after.to()));
        } else {
            add(rest);
        }
    }

    /** The batch that a slot is to run now; null if nothing waits. */
    @Nullable
    Batch take() {
        Batch oldest = waiting.pollFirst();
        if (oldest == null) {
            return null;
        }
        double subtaskNanos = oldest.task().subtaskNanos();
        long inTime = subtaskNanos == 0 ? 1 : (long) Math.max(1, oldest.task().batchNanos() / subtaskNanos);
        long most = Math.min(Math.min(oldest.size(), inTime), share(oldest.size(), inTime));
        long middle = oldest.from() + most;
        add(oldest.part(middle, oldest.to()));
        return oldest.part(oldest.from(), middle);
    }

    /** The part of a slot in what waits, the oldest lease included. Counted only as far as it matters. */
    private long share(long oldestSize, long enough) {
        long waits = oldestSize;
        for (var batches = waiting.iterator(); batches.hasNext() && waits / slots < enough; ) {
            waits += batches.next().size();
        }
        return (waits + slots - 1) / slots;
    }

    /** The lease of that number, also when all of it was started; null if there was none, or too long ago. */
    @Nullable
    Assignment find(long lease) {
        return known.get(lease);
    }

    /**
     * Drops what of a lease is not started, from an index on. Returns the index from which on everything was dropped: the
     * end of the lease if nothing was.
     */
    long revoke(long lease, long from) {
        Assignment revoked = known.get(lease);
        if (revoked == null) {
            return from;
        }
        long released = revoked.to();
        Batch last = last(revoked);
        while (last != null && last.to() == released && released > from) {
            waiting.remove(last);
            released = Math.max(from, last.from());
            add(last.part(last.from(), released));
            last = last(revoked);
        }
        return released;
    }

    private @Nullable Batch last(Assignment lease) {
        Batch last = waiting.lower(new Batch(lease, lease.to(), lease.to()));
        return last != null && last.lease().equals(lease) ? last : null;
    }

    /** Drops what of a lease is not started. Returns whether there was anything. */
    boolean drop(Assignment lease) {
        return waiting.subSet(new Batch(lease, lease.from(), lease.from()), new Batch(lease, lease.to(), lease.to()))
                .removeIf(batch -> true);
    }

    /** Drops what of a task is not started. */
    void drop(String taskId) {
        waiting.removeIf(batch -> batch.task().id().equals(taskId));
    }

    /** Drops what is not started; which leases there were is still known. */
    void drop() {
        waiting.clear();
    }

    /** Drops all leases: those of the next connection have other numbers, or the same ones. */
    void clear() {
        waiting.clear();
        known.clear();
    }

    /** Per lease of which something waits, the index that will be started next. */
    Map<Long, Long> nextIndexes() {
        Map<Long, Long> next = new HashMap<>();
        waiting.forEach(batch -> next.putIfAbsent(batch.lease().number(), batch.from()));
        return next;
    }
}
