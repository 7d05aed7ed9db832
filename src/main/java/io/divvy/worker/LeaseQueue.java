package io.divvy.worker;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is assigned over the present connection and not started yet, the oldest lease first. A slot takes a batch: one subtask while nothing is known of
 * their length, then as many as take the time that the task's batches should take, but never
 * more than its share of all that waits.
 */
final class LeaseQueue {
    /** Leases whose range is remembered, to tell what is left of one. */
    private static final int LEASES_KNOWN = 10_000;

    private final int slots;
    private final Map<Long, IndexRange> ranges = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, IndexRange> eldest) {
            return size() > LEASES_KNOWN;
        }
    };
    private final Deque<Batch> waiting = new ArrayDeque<>();
    private boolean closed;

    /** Batches that slots have, by identity. */
    private final Set<Batch> taken = Collections.newSetFromMap(new IdentityHashMap<>());

    /** A run of indexes of one lease. */
    record Batch(Assignment lease, long from, long to) {
        WorkerTask task() {
            return lease.task();
        }

        Batch part(long partFrom, long partTo) {
            return new Batch(lease, partFrom, partTo);
        }
    }

    LeaseQueue(int slots) {
        this.slots = slots;
    }

    /**
     * Adds a lease.
     *
     * @param leftOut parts of it that are not to be done, in any order
     */
    synchronized void add(Assignment lease, List<IndexRange> leftOut) {
        if (lease.session().isLeaving()) {
            return;
        }
        ranges.put(lease.number(), new IndexRange(lease.from(), lease.to()));
        long next = lease.from();
        for (IndexRange out : leftOut.stream()
                .sorted(Comparator.comparingLong(IndexRange::from))
                .toList()) {
            addPart(lease, next, Math.min(out.from(), lease.to()));
            next = Math.max(next, out.to());
        }
        addPart(lease, next, lease.to());
        notifyAll();
    }

    private void addPart(Assignment lease, long from, long to) {
        if (from < to) {
            waiting.addLast(new Batch(lease, from, to));
        }
    }

    /** Puts back what a slot took and did not start, to be started next, unless it is of a connection that ends. */
    synchronized void giveBack(Batch rest) {
        if (!rest.lease().session().isLeaving() && !rest.lease().isCancelled()) {
            waiting.addFirst(rest);
            notifyAll();
        }
    }

    /** Waits for work; null once the queue is closed. What is taken is to be {@link #finished}. */
    synchronized @Nullable Batch take() throws InterruptedException {
        while (waiting.isEmpty() && !closed) {
            wait();
        }
        if (closed) {
            return null;
        }
        Batch next = removeFirst();
        taken.add(next);
        return next;
    }

    private Batch removeFirst() {
        Batch oldest = waiting.removeFirst();
        long size = oldest.to() - oldest.from();
        double subtaskNanos = oldest.task().subtaskNanos();
        long inTime = subtaskNanos == 0 ? 1 : (long) Math.max(1, oldest.task().batchNanos() / subtaskNanos);
        long most = Math.min(Math.min(size, inTime), share(size, inTime));
        if (most == size) {
            return oldest;
        }
        long middle = oldest.from() + most;
        waiting.addFirst(oldest.part(middle, oldest.to()));
        return oldest.part(oldest.from(), middle);
    }

    /** The part of a slot in what waits, the oldest lease included. Counted only as far as it matters. */
    private long share(long oldestSize, long enough) {
        long waits = oldestSize;
        for (var batches = waiting.iterator(); batches.hasNext() && waits / slots < enough; ) {
            Batch batch = batches.next();
            waits += batch.to() - batch.from();
        }
        return (waits + slots - 1) / slots;
    }

    /**
     * Drops what of a lease is not started, from an index on. Returns the index from which on everything was dropped: the
     * end of the lease if nothing was.
     */
    synchronized long revoke(long lease, long from) {
        IndexRange range = ranges.get(lease);
        long released = range == null ? from : range.to();
        List<Batch> ofLease = waiting.stream()
                .filter(batch -> batch.lease().number() == lease)
                .sorted(Comparator.comparingLong(Batch::from).reversed())
                .toList();
        for (Batch batch : ofLease) {
            if (batch.to() != released || released <= from) {
                break;
            }
            waiting.remove(batch);
            released = Math.max(from, batch.from());
            if (batch.from() < released) {
                waiting.addFirst(batch.part(batch.from(), released));
            }
        }
        return released;
    }

    /**
     * Drops what of a lease is not started, and marks as cancelled what slots have of it.
     *
     * @return the index from which on it is to be released: its end if all of it was answered. Null if that is not to be said
     *     now: it is not known, or {@link #finished} will tell
     */
    synchronized @Nullable Long cancel(long lease) {
        IndexRange range = ranges.get(lease);
        boolean wasWaiting = waiting.removeIf(batch -> batch.lease().number() == lease);
        boolean isTaken = false;
        for (Batch batch : taken) {
            // A slot may still have something of a former connection, under the same number.
            if (batch.lease().number() == lease && !batch.lease().session().isOver()) {
                batch.lease().cancelled().set(true);
                isTaken = true;
            }
        }
        return range == null || isTaken ? null : wasWaiting ? Long.valueOf(range.from()) : Long.valueOf(range.to());
    }

    synchronized void drop(String taskId) {
        waiting.removeIf(batch -> batch.task().id().equals(taskId));
    }

    /** Whether a slot would find something to do at once. */
    synchronized boolean hasWork() {
        return !waiting.isEmpty();
    }

    /** Per lease of which something waits, the index that will be started next. */
    synchronized Map<Long, Long> nextIndexes() {
        Map<Long, Long> next = new HashMap<>();
        waiting.forEach(batch -> next.merge(batch.lease().number(), batch.from(), Math::min));
        return next;
    }

    /**
     * A slot is done with a batch, or has given back what is left of it. Returns whether its lease was cancelled and no slot
     * has anything of it any more.
     */
    synchronized boolean finished(Batch batch) {
        taken.remove(batch);
        if (taken.isEmpty()) {
            notifyAll();
        }
        Assignment lease = batch.lease();
        return lease.isCancelled()
                && taken.stream()
                        .noneMatch(other -> other.lease().number() == lease.number()
                                && other.lease().isCancelled());
    }

    /** Waits until no slot has anything, or the connection has ended. */
    synchronized void awaitIdle(WorkSession session) throws InterruptedException {
        while (!taken.isEmpty() && !session.isOver()) {
            wait();
        }
    }

    /** Drops what waits. */
    synchronized void drop() {
        waiting.clear();
        notifyAll();
    }

    /** Drops all leases: those of the next connection have other numbers, or the same ones. */
    synchronized void clear() {
        drop();
        ranges.clear();
    }

    /** Drops what waits, and lets the slots go. */
    synchronized void close() {
        closed = true;
        clear();
    }
}
