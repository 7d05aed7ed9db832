package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import java.util.Arrays;
import java.util.LongSummaryStatistics;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A split covers everything, is balanced if the type says so, and is the same every time. */
final class SplitCheck {
    private static final Long[] WANTED = {null, 1L, 2L, 3L, 7L, 100L, 1_000_000_000L};
    /** Payloads that are looked at; of longer splits these are some of them. */
    private static final int MAX_PAYLOADS = 2_000;

    private final Trial trial;
    private final @Nullable ToLongFunction<JsonNode> size;
    private final Random random;
    /** Whether there is nothing to do, once it is known. */
    private @Nullable Boolean isEmpty;
    /** Of all payloads together, once it is known. */
    private @Nullable Long covered;

    SplitCheck(Trial trial, @Nullable ToLongFunction<JsonNode> size) {
        this.trial = trial;
        this.size = size;
        this.random = new Random(trial.seed());
    }

    void check() {
        for (Long wanted : WANTED) {
            if (wanted == null || takes(wanted)) {
                check(wanted);
            }
        }
    }

    /** A type may refuse a number of subtasks; what it takes it has to keep. */
    private boolean takes(long wanted) {
        try {
            trial.type().split(trial.params().deepCopy(), wanted);
            return true;
        } catch (InvalidParamsException e) {
            return false;
        }
    }

    private void check(@Nullable Long wanted) {
        Subtasks subtasks = trial.split(wanted);
        Subtasks again = trial.split(wanted);
        long count = subtasks.count();
        if (count < 0 || wanted != null && count > wanted) {
            throw wrong(wanted, "has " + count + " subtasks; expected no fewer than 0 and no more than wanted");
        }
        if (isEmpty != null && isEmpty != (count == 0)) {
            throw wrong(
                    wanted,
                    "has " + count + " subtasks, and another split " + (isEmpty ? "none" : "some")
                            + "; whether there is anything to do is up to the params alone");
        }
        isEmpty = count == 0;
        if (again.count() != count) {
            throw wrong(wanted, "has " + count + " subtasks, and the second time " + again.count());
        }
        long[] indexes = indexes(count);
        for (long index : indexes) {
            checkPayload(wanted, index, subtasks, again);
        }
        if (size != null) {
            checkSizes(wanted, subtasks, indexes, size);
        }
    }

    private void checkPayload(@Nullable Long wanted, long index, Subtasks subtasks, Subtasks again) {
        JsonNode payload;
        JsonNode second;
        try {
            payload = subtasks.payload(index);
            second = again.payload(index);
        } catch (RuntimeException e) {
            throw trial.wrong(of(wanted) + "makes no payload " + index + " of " + subtasks.count(), e);
        }
        if (payload == null) {
            throw wrong(wanted, "makes no payload " + index + " of " + subtasks.count() + ": null");
        }
        if (!payload.toString().equals(second.toString())) {
            throw wrong(
                    wanted,
                    "makes payload " + index + " as " + Trial.shown(payload) + ", and the second time as "
                            + Trial.shown(second));
        }
    }

    private void checkSizes(
            @Nullable Long wanted, Subtasks subtasks, long[] indexes, ToLongFunction<JsonNode> sizeOfPayload) {
        LongSummaryStatistics sizes = Arrays.stream(indexes)
                .map(index -> sizeOfPayload.applyAsLong(trial.overTheWire(subtasks.payload(index))))
                .summaryStatistics();
        if (sizes.getCount() > 0 && sizes.getMax() - sizes.getMin() > 1) {
            throw wrong(
                    wanted,
                    "has payloads of sizes from " + sizes.getMin() + " to " + sizes.getMax()
                            + "; expected them to differ by at most 1");
        }
        if (indexes.length < subtasks.count()) {
            return;
        }
        if (covered != null && covered != sizes.getSum()) {
            throw wrong(wanted, "covers " + sizes.getSum() + ", and another split " + covered + "; expected the same");
        }
        covered = sizes.getSum();
    }

    /** All of them, or both ends and some between. */
    private long[] indexes(long count) {
        if (count <= MAX_PAYLOADS) {
            return LongStream.range(0, count).toArray();
        }
        return LongStream.concat(LongStream.of(0, count - 1), random.longs(MAX_PAYLOADS - 2, 0, count))
                .toArray();
    }

    private AssertionError wrong(@Nullable Long wanted, String what) {
        return trial.wrong(of(wanted) + what);
    }

    private static String of(@Nullable Long wanted) {
        return "the split into " + (wanted == null ? "the type's choice" : wanted) + " ";
    }
}
