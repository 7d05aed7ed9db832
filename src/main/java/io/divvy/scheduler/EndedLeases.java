package io.divvy.scheduler;

import io.divvy.state.TaskId;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The last {@link Limits#expiredLeases} leases of one worker that ended unanswered. Each takes 105 bytes of the heap, or 200
 * where no other has its task's id (measured), so a session takes up to 0.2 MB for them, and fewer are remembered where
 * {@link WorkerRoom} is short.
 *
 * <p>Fewer for a worker that holds little would be wrong: it may get and lose any number of leases while its answers are
 * under way. What a worker answers of a forgotten one is refused and does not count, which costs it no attempt.
 */
final class EndedLeases {
    private final WorkerRoom.Account room;
    /** By number, the oldest first. */
    private final LinkedHashMap<Long, Ended> leases = new LinkedHashMap<>();

    /** What a late answer needs, and nothing that the task of the lease grew to. */
    record Ended(TaskId task, long from, long to) {
        boolean covers(long answeredFrom, long answeredTo) {
            return from <= answeredFrom && answeredFrom < answeredTo && answeredTo <= to;
        }
    }

    EndedLeases(WorkerRoom.Account room) {
        this.room = room;
    }

    void add(Lease lease, int most) {
        leases.put(lease.number, new Ended(lease.task.spec.id(), lease.from, lease.to));
        room.change(WorkerRoom.ENDED_LEASE_BYTES);
        if (leases.size() > most || room.isShort()) {
            forgetOldest();
        }
    }

    /** Returns whether there was one. */
    boolean forgetOldest() {
        if (leases.isEmpty()) {
            return false;
        }
        leases.remove(leases.keySet().iterator().next());
        room.change(-WorkerRoom.ENDED_LEASE_BYTES);
        return true;
    }

    /** Null if there was none of that number, or it is forgotten. */
    @Nullable
    Ended find(long number) {
        return leases.get(number);
    }

    /** What it takes in memory, counted anew. For checking invariants. */
    long countBytes() {
        return leases.size() * WorkerRoom.ENDED_LEASE_BYTES;
    }
}
