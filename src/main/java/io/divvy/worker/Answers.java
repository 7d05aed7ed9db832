package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.protocol.ErrorText;
import io.divvy.protocol.FromWorker;
import io.divvy.protocol.ResultValues;
import io.divvy.worker.LeaseQueue.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for a batch. Results that are not sent yet are kept here: a run without gaps, never too large for a message. */
final class Answers {
    /** What is sent at once, about: much less than a frame, and enough that a message costs little. */
    private static final long SEND_BYTES = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Workshop workshop;
    private final Slot slot;
    private final Batch batch;
    private long from;
    private long[] numbers = new long[16];
    private int count;
    private long textBytes;
    private boolean failed;
    private long begunTo;
    /** Set once one of the results is not a small whole number. */
    private @Nullable List<JsonNode> nodes;

    Answers(Workshop workshop, Slot slot, Batch batch) {
        this.workshop = workshop;
        this.slot = slot;
        this.batch = batch;
        this.from = batch.from();
        this.begunTo = batch.from();
    }

    /** A subtask is run from now on. */
    void begin(long index) {
        begunTo = index + 1;
    }

    /** The next index that nothing was sent for. */
    long next() {
        return from;
    }

    /** The next index that was not begun. */
    long begunTo() {
        return begunTo;
    }

    /** Whether any of its subtasks failed. */
    boolean hasFailures() {
        return failed;
    }

    /** Takes the result of the next index. */
    void add(ResultCheck.Sendable sendable) throws UnfitResultException {
        JsonNode result = sendable.value();
        if (textBytes + sendable.textBytes() > SEND_BYTES) {
            send();
        }
        textBytes += sendable.textBytes();
        if (nodes == null && sendable.isLong()) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = result.longValue();
            return;
        }
        if (nodes == null) {
            nodes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                nodes.add(LongNode.valueOf(numbers[i]));
            }
        }
        nodes.add(result);
        count++;
    }

    void fail(long index, String message, boolean retryable, @Nullable String detail) throws UnfitResultException {
        send();
        failed = true;
        from = index + 1;
        Assignment lease = slot.settleFailed(index);
        if (lease == null) {
            LOG.info(
                    "task {}: subtask {} failed and is asked for by nobody: {}",
                    batch.task().id(),
                    index,
                    message);
        } else {
            lease.session()
                    .send(new FromWorker.SubtaskError(
                            lease.number(), index, ErrorText.bounded(message), retryable, detail));
        }
    }

    /** Sends what is there. */
    void send() throws UnfitResultException {
        if (count > 0 && !batch.task().isCancelled()) {
            ResultValues values =
                    nodes == null ? new ResultValues.Longs(Arrays.copyOf(numbers, count)) : ResultValues.of(nodes);
            workshop.answer(batch.lease(), from, values);
        }
        from += count;
        drop();
        slot.settle(from);
    }

    /** Forgets what is not sent. */
    void drop() {
        count = 0;
        textBytes = 0;
        nodes = null;
    }
}
