package io.divvy.worker;

import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ResultValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Results that were sent and of which the server has not said that they are durable. They outlive a connection: on the next
 * one they are offered again, so that what took long is not done twice because the server went away as it arrived.
 */
final class UnackedResults {
    /** What is kept; beyond it the oldest are let go, and are done again if they did not arrive. */
    private static final long MAX_BYTES = 64L << 20;

    /** About what an entry takes beside its values. */
    private static final long ENTRY_BYTES = 200;

    private final Map<Key, Sent> sent = new LinkedHashMap<>();
    private long bytes;

    /** @param lease that was answered, or null for an offer */
    private record Key(@Nullable Long lease, @Nullable String taskId, long from) {}

    private record Sent(String taskId, long from, ResultValues values) {
        long sizeBytes() {
            return ENTRY_BYTES + values.sizeBytes();
        }
    }

    synchronized void add(long lease, String taskId, long from, ResultValues values) {
        put(new Key(lease, null, from), new Sent(taskId, from, values));
    }

    private void put(Key key, Sent results) {
        bytes += results.sizeBytes();
        sent.put(key, results);
        for (var oldest = sent.values().iterator(); bytes > MAX_BYTES && oldest.hasNext(); ) {
            bytes -= oldest.next().sizeBytes();
            oldest.remove();
        }
    }

    synchronized void acked(@Nullable Long lease, @Nullable String taskId, long from) {
        Sent durable = sent.remove(new Key(lease, lease == null ? taskId : null, from));
        if (durable != null) {
            bytes -= durable.sizeBytes();
        }
    }

    synchronized void forget(String taskId) {
        sent.values().removeIf(results -> {
            boolean isForgotten = results.taskId.equals(taskId);
            bytes -= isForgotten ? results.sizeBytes() : 0;
            return isForgotten;
        });
    }

    /** What to offer on a new connection. The leases of the former one mean nothing any more. */
    synchronized List<FromWorker.Offer> offers() {
        List<Sent> all = new ArrayList<>(sent.values());
        sent.clear();
        bytes = 0;
        for (Sent results : all) {
            put(new Key(null, results.taskId, results.from), results);
        }
        return all.stream()
                .map(results -> new FromWorker.Offer(results.taskId, results.from, results.values))
                .toList();
    }
}
