package io.divvy.scheduler;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory that workers share, for what leases make grow: those that are open, with the gaps in them, those that ended and are
 * remembered, and how each worker gets on with each task and type. Half of it goes to whoever needs it first, the other half
 * in equal parts to all that are connected; so whoever takes much leaves the others enough to go on. A worker that holds
 * nothing gets a lease in any case.
 */
final class WorkerRoom {
    /** An open lease, in the core, as a heap showed it. */
    static final long LEASE_BYTES = 620;
    /** A lease that ended and is remembered, if no other has its task's id. */
    static final long ENDED_LEASE_BYTES = 200;
    /** A task that a worker was told of, and that the task knows of the worker. */
    static final long KNOWN_TASK_BYTES = 360;
    /** How a worker gets on with a type. */
    static final long PACE_BYTES = 250;

    /** A worker with so many slots may answer in the order in which they end, however little memory there is. */
    private static final int SLOTS_SERVED_WHEN_FULL = 64;

    private final long halfBytes;
    private final int gapsPerLease;
    /** Workers that would get a lease if there were room. */
    private final Set<WorkerView> waiting = new LinkedHashSet<>();

    private int workers;
    private long bytes;
    /** Whether some that wait may have more than before, though not those that wait longest. */
    private boolean mayOpenToOthers;

    /** What is there because of one worker, beside what there is of one that never had a lease. */
    static final class Account {
        private final WorkerRoom room;
        private long bytes;
        private boolean isClosed;
        /** Whether it would get a lease if there were room for it. */
        private boolean isAwaited;

        private Account(WorkerRoom room) {
            this.room = room;
        }

        /** So many bytes more, or less. */
        void change(long by) {
            if (!isClosed) {
                bytes += by;
                room.change(by);
            }
        }

        /** Whether the worker has no more to get before others give something back. */
        boolean isShort() {
            return room.isScarce() && (room.isFull() || bytes >= room.halfBytes / Math.max(1, room.workers));
        }

        boolean isAwaited() {
            return isAwaited;
        }

        /** Unanswered parts that a lease of a worker with so many slots may have: where memory is short, what these need. */
        int mostGaps(int slots) {
            if (!isShort()) {
                return room.gapsPerLease;
            }
            int needed = room.isFull() ? Math.min(slots, SLOTS_SERVED_WHEN_FULL) + 1 : slots + 1;
            return Math.min(room.gapsPerLease, needed);
        }
    }

    WorkerRoom(Limits limits) {
        this.halfBytes = limits.workerBytes() / 2;
        this.gapsPerLease = limits.gapsPerLease();
    }

    Account open() {
        return new Account(this);
    }

    void join() {
        workers++;
    }

    /** What the worker has is charged no more. */
    void leave(WorkerView worker) {
        change(-worker.room.bytes);
        worker.room.isClosed = true;
        stopWaiting(worker);
        workers--;
        mayOpenToOthers = true;
    }

    /** So many bytes more for a connected worker, or less. */
    private void change(long by) {
        boolean wasFull = isFull();
        bytes += by;
        mayOpenToOthers |= wasFull && !isFull();
    }

    /** Whether each worker has a part of its own only. */
    boolean isScarce() {
        return bytes >= halfBytes;
    }

    /** Whether all is taken: many came one after the other, and each had its part of what was there then. */
    boolean isFull() {
        return bytes >= 2 * halfBytes;
    }

    /** Whether the worker may have another lease. */
    boolean isOpenTo(WorkerView worker) {
        return worker.leases.isEmpty() || !worker.room.isShort();
    }

    /** The worker gets nothing before there is room. */
    void await(WorkerView worker) {
        worker.room.isAwaited = true;
        waiting.add(worker);
    }

    void stopWaiting(WorkerView worker) {
        if (worker.room.isAwaited) {
            worker.room.isAwaited = false;
            waiting.remove(worker);
        }
    }

    /** Whether some wait. */
    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    /** A worker that waited, and for which there is room now, or null. */
    @Nullable
    WorkerView poll() {
        if (waiting.isEmpty()) {
            return null;
        }
        Iterator<WorkerView> each = waiting.iterator();
        WorkerView first = each.next();
        while (mayOpenToOthers && !isOpenTo(first) && each.hasNext()) {
            first = each.next();
        }
        if (isOpenTo(first)) {
            stopWaiting(first);
            return first;
        }
        mayOpenToOthers = false;
        return null;
    }

    /** One that waited longest, though there is no room: something of it may have become possible to forget. Or null. */
    @Nullable
    WorkerView pollInVain() {
        Iterator<WorkerView> first = waiting.iterator();
        WorkerView worker = first.hasNext() ? first.next() : null;
        if (worker != null) {
            stopWaiting(worker);
        }
        return worker;
    }

    long bytes() {
        return bytes;
    }
}
