package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Indexes that a server asks for, from {@code from} up to, not including, {@code to}. It means nothing beyond the connection on
 * which it came, not even its number.
 *
 * @param payloads one for each index, or null if the worker derives them
 * @param cancelled set once the server does not want it any more, though its task goes on
 */
record Assignment(
        WorkSession session,
        long number,
        WorkerTask task,
        long from,
        long to,
        @Nullable List<JsonNode> payloads,
        AtomicBoolean cancelled) {

    Assignment(
            WorkSession session, long number, WorkerTask task, long from, long to, @Nullable List<JsonNode> payloads) {
        this(session, number, task, from, to, payloads, new AtomicBoolean());
    }

    boolean covers(long index) {
        return from <= index && index < to;
    }

    /** Whether nobody waits for its answers: its task ended, or the server took it back. */
    boolean isUnwanted() {
        return cancelled.get() || task.isCancelled();
    }

    boolean isCancelled() {
        return cancelled.get();
    }
}
