package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Indexes that a server asks for, from {@code from} up to, not including, {@code to}. It means nothing beyond the connection on
 * which it came, not even its number.
 *
 * @param payloads one for each index, or null if the worker derives them
 */
record Lease(
        WorkSession session,
        long number,
        WorkerTask task,
        long from,
        long to,
        @Nullable List<JsonNode> payloads) {

    boolean covers(long index) {
        return from <= index && index < to;
    }
}
