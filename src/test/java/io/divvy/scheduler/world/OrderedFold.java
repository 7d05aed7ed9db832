package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.task.Combiner;
import org.jspecify.annotations.Nullable;

/** Combines numbers so that each has another weight: one that comes in another place, twice, or not at all, shows. */
final class OrderedFold implements Combiner<Long> {
    private final boolean keepsResults;

    /** @param keepsResults whether the store is to have the results themselves, not what they were folded to */
    OrderedFold(boolean keepsResults) {
        this.keepsResults = keepsResults;
    }

    /** What was folded, with one number more. */
    static long next(long folded, long number) {
        return folded * 31 + number + 1;
    }

    /** What stands for a failed subtask. */
    static long failed(long index) {
        return -7 - index;
    }

    /** What was folded of the chunks before, with one more. */
    static long merged(long chunks, long chunk) {
        return chunks * 1_000_003 + chunk;
    }

    @Override
    public Long empty() {
        return 0L;
    }

    @Override
    public @Nullable String complaint(JsonNode result) {
        return result.isIntegralNumber() && result.canConvertToLong() ? null : "expected a whole number";
    }

    @Override
    public Long add(Long folded, JsonNode result) {
        return next(folded, result.longValue());
    }

    @Override
    public Long addFailed(Long folded, JsonNode payload) {
        return next(folded, failed(payload.path(WorldType.START).longValue()));
    }

    @Override
    public JsonNode toStored(Long folded) {
        return LongNode.valueOf(folded);
    }

    @Override
    public Long fromStored(JsonNode stored) {
        return stored.longValue();
    }

    @Override
    public Long merge(Long left, Long right) {
        return merged(left, right);
    }

    @Override
    public JsonNode finish(Long folded) {
        return LongNode.valueOf(folded);
    }

    @Override
    public boolean keepsResults() {
        return keepsResults;
    }

    @Override
    public boolean isExact() {
        return false;
    }
}
