package io.divvy.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.protocol.ResultValues;
import io.divvy.worker.LeaseQueue.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers for a batch. Results that are not sent yet are kept here: a run without gaps, never too large for a message. */
final class Answers {
    /** What is sent at once, about: much less than a frame, and enough that a message costs little. */
    private static final long SEND_BYTES = 256 << 10;

    private final BatchReports reports;
    private final int slot;
    private final Batch batch;
    private long from;
    private long[] numbers = new long[16];
    private int count;
    private long textBytes;
    private boolean failed;
    /** Set once one of the results is not a small whole number. */
    private @Nullable List<JsonNode> nodes;

    Answers(BatchReports reports, int slot, Batch batch) {
        this.reports = reports;
        this.slot = slot;
        this.batch = batch;
        this.from = batch.from();
    }

    /** The next index that nothing was sent for. */
    long next() {
        return from;
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

    /** Says that a subtask failed, after what was done before it. */
    void fail(long index, SubtaskFailure failure) throws UnfitResultException {
        send();
        failed = true;
        from = index + 1;
        reports.failed(slot, index, failure);
    }

    /** Sends what is there. */
    void send() throws UnfitResultException {
        if (count > 0) {
            ResultValues values =
                    nodes == null ? new ResultValues.Longs(Arrays.copyOf(numbers, count)) : ResultValues.of(nodes);
            reports.answer(slot, batch, from, values);
        }
        from += count;
        drop();
    }

    /** Forgets what is not sent. */
    void drop() {
        count = 0;
        textBytes = 0;
        nodes = null;
    }
}
