package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Indexes that a server asks for, from {@code from} up to, not including, {@code to}.
 *
 * @param payloads one for each index, or null if the worker derives them
 */
record Assignment(
        Origin origin,
        WorkerTask task,
        long from,
        long to,
        @Nullable List<JsonNode> payloads) {

    /**
     * Which lease it is. Its number means nothing beyond the connection on which it came: another server may give it again.
     *
     * @param connection which of this worker's connections it came on, counted from 1
     * @param order how many came before it, on any connection
     */
    record Origin(long connection, long lease, long order) {}

    /** The number by which the server knows it. */
    long number() {
        return origin.lease();
    }

    boolean covers(long index) {
        return from <= index && index < to;
    }

    JsonNode payload(long index) {
        return payloads == null ? task.payload(index) : payloads.get((int) (index - from));
    }

    boolean isOf(long connection) {
        return origin.connection() == connection;
    }

    /** An origin is never given twice, and payloads may be many. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Assignment assignment && origin.equals(assignment.origin);
    }

    @Override
    public int hashCode() {
        return origin.hashCode();
    }
}
