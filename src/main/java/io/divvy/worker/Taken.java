package io.divvy.worker;

import io.divvy.worker.LeaseQueue.Batch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A batch that a slot has. */
final class Taken {
    final Batch batch;
    /** All below it is answered, or kept to be offered. */
    long answeredTo;
    /** Once the connection is lost: what follows was not begun, and never is. */
    long begunTo = Long.MAX_VALUE;
    /** Whether nobody asks for any of it: its task ended. */
    boolean isDropped;
    /** Leases of the present connection that ask for what it has from a former one. */
    final List<Assignment> adopters = new ArrayList<>(1);
    /** Leases that are taken back, and are released when nothing of them runs any more. */
    final List<Assignment> cancelled = new ArrayList<>(1);

    Taken(Batch batch) {
        this.batch = batch;
        this.answeredTo = batch.from();
    }

    boolean isOf(String taskId) {
        return batch.task().id().equals(taskId);
    }

    boolean isFor(Assignment lease) {
        return batch.lease().equals(lease) || adopters.contains(lease);
    }

    boolean isWanted() {
        return !isDropped && cancelled.isEmpty();
    }

    /**
     * What of it a lease of a later connection asks for and will be answered: it runs, or was done and is not answered yet.
     * Null if there is nothing of the kind.
     */
    @Nullable
    IndexRange adopt(Assignment lease) {
        boolean isFormer = !batch.lease().isOf(lease.origin().connection());
        if (!isFormer || !isWanted() || !isOf(lease.task().id())) {
            return null;
        }
        long from = Math.max(answeredTo, lease.from());
        long to = Math.min(begunTo, lease.to());
        if (from >= to) {
            return null;
        }
        adopters.add(lease);
        return new IndexRange(from, to);
    }

    /** The lease of that connection that waits for an index of it; null if there is none. */
    @Nullable
    Assignment asking(long index, long connection) {
        if (batch.lease().isOf(connection)) {
            return batch.lease();
        }
        return adopters.stream()
                .filter(lease -> lease.covers(index))
                .findFirst()
                .orElse(null);
    }
}
