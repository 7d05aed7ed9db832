package io.divvy.worker;

import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ResultValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results that were made and of which the server has not said that they are durable. They outlive a connection: on the next
 * one they are offered, so that what took long is not done twice because the server went away as it arrived.
 */
final class UnackedResults {
    private static final Logger LOG = LoggerFactory.getLogger(UnackedResults.class);

    /** What is kept; beyond it the oldest are let go, and are done again if they did not arrive. */
    private static final long MAX_BYTES = 64L << 20;

    /** Of small whole numbers: 21 characters each at most, so an offer has a quarter of a MiB. */
    private static final int OFFER_NUMBERS = 12_000;

    private final long maxBytes;
    /** By the number of the lease that they answered on the present connection, or the last one. */
    private final Map<Long, ResultRuns> answers = new LinkedHashMap<>();
    /** By task, from before: what came with an earlier connection, or was finished after it was lost. */
    private final Map<String, ResultRuns> offers = new LinkedHashMap<>();

    private long bytes;
    private boolean letsGo;

    UnackedResults() {
        this(MAX_BYTES);
    }

    UnackedResults(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Results that answer a lease of the present connection. */
    void addAnswer(long lease, String taskId, long from, ResultValues values) {
        add(answers.computeIfAbsent(lease, number -> new ResultRuns(taskId)), new ResultRun(from, values));
        keepWithinBound();
    }

    /** Results of a lease whose connection is lost. */
    void addOffer(String taskId, long from, ResultValues values) {
        add(offers.computeIfAbsent(taskId, ResultRuns::new), new ResultRun(from, values));
        keepWithinBound();
    }

    private void add(ResultRuns runs, ResultRun added) {
        bytes -= runs.bytes();
        runs.add(added);
        bytes += runs.bytes();
    }

    private void keepWithinBound() {
        if (bytes <= maxBytes) {
            return;
        }
        if (!letsGo) {
            LOG.warn(
                    "the server has not acked {} bytes of results; from now on the oldest are dropped, and computed again if"
                            + " the server dies before they are durable",
                    bytes);
            letsGo = true;
        }
        while (bytes > maxBytes) {
            Map<?, ResultRuns> oldest = offers.isEmpty() ? answers : offers;
            ResultRuns runs = oldest.values().iterator().next();
            bytes -= runs.bytes();
            runs.removeSome(OFFER_NUMBERS);
            bytes += runs.bytes();
            if (runs.isEmpty()) {
                oldest.values().remove(runs);
            }
        }
    }

    /**
     * The results from an index up to, not including, another are durable: several messages of them, or a part of one.
     *
     * @param lease that they answered, or null if they were offered for {@code taskId}
     */
    void acked(@Nullable Long lease, @Nullable String taskId, long from, long to) {
        Map<?, ResultRuns> kind = lease == null ? offers : answers;
        Object key = lease == null ? taskId : lease;
        ResultRuns runs = key == null ? null : kind.get(key);
        if (runs == null) {
            return; // They were let go, or forgotten.
        }
        bytes -= runs.bytes();
        runs.remove(from, to);
        bytes += runs.bytes();
        if (runs.isEmpty()) {
            kind.remove(key);
        }
        letsGo &= bytes > maxBytes / 2;
    }

    /** All of the task that was answered is durable, or its end is. */
    void forget(String taskId) {
        ResultRuns offered = offers.remove(taskId);
        bytes -= offered == null ? 0 : offered.bytes();
        answers.values().removeIf(runs -> {
            boolean isForgotten = runs.taskId().equals(taskId);
            bytes -= isForgotten ? runs.bytes() : 0;
            return isForgotten;
        });
    }

    /** Which of these indexes are offered and have no answer yet. */
    List<IndexRange> offered(String taskId, long from, long to) {
        ResultRuns runs = offers.get(taskId);
        return runs == null ? List.of() : runs.within(from, to);
    }

    /** What to offer on a new connection. The leases of the former one mean nothing any more. */
    List<FromWorker.Offer> offers() {
        for (ResultRuns answered : answers.values()) {
            bytes -= answered.bytes();
            ResultRuns offered = offers.computeIfAbsent(answered.taskId(), ResultRuns::new);
            answered.all().forEach(run -> add(offered, run));
        }
        answers.clear();
        List<FromWorker.Offer> messages = new ArrayList<>();
        for (ResultRuns runs : offers.values()) {
            runs.all().forEach(run -> offer(runs.taskId(), run, messages));
        }
        return messages;
    }

    private static void offer(String taskId, ResultRun run, List<FromWorker.Offer> messages) {
        long most = run.isOneMessage(OFFER_NUMBERS) ? run.to() - run.from() : OFFER_NUMBERS;
        for (long from = run.from(); from < run.to(); from += most) {
            long to = Math.min(run.to(), from + most);
            messages.add(new FromWorker.Offer(taskId, from, run.values(from, to)));
        }
    }

    /** About how much memory they take. */
    long bytes() {
        return bytes;
    }
}
