package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.divvy.protocol.CombineMode;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.IndexRanges;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.EarlyEnd;
import io.divvy.state.TaskSpec.FoldOrder;
import io.divvy.store.StoredTask;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A task that came to the server, and all that the world knows of it: its true results, and what was told to anybody. */
final class SimulatedTask {
    private static final int INDEX_BITS = 32;

    /** As the core has it now. */
    private TaskSpec spec;
    /** What its priority ever was. */
    final Set<Integer> priorities = new HashSet<>();
    /** What its labels ever were. */
    final Set<Map<String, String>> labels = new HashSet<>();

    final Wanted wanted;
    /** What it takes in memory, as the server says. */
    final long sizeBytes;
    /** No other task of the world has it but one that it is run again as, so that a result says whose it is. */
    private final long ordinal;

    /** Whether any sender was told that it exists. */
    boolean isAccepted;
    /** Whether a sender let it be forgotten after its end. */
    boolean isDeleted;

    /** Indexes of which a worker was told that its answer is durable. */
    final IndexRanges acked = new IndexRanges();

    /** How often a worker said that it failed, by index. */
    private final Map<Long, Integer> failures = new HashMap<>();

    /** Deaths of workers with one of its subtasks and nothing else. */
    final LoneDeaths loneDeaths = new LoneDeaths();

    /** Whether a worker said that one of its subtasks can never succeed. */
    private boolean hasFailedForGood;
    /** Whether a sender asked to cancel it. */
    boolean isCancelRequested;
    /** Whether the code of its type failed. */
    boolean isBroken;
    /** How it ended, once that is durable; also if it was deleted since. */
    @Nullable
    StoredTask end;

    SimulatedTask(Wanted wanted, TaskSpec spec, long sizeBytes, long ordinal) {
        this.wanted = wanted;
        this.spec = spec;
        this.priorities.add(spec.priority());
        this.labels.add(wanted.object().labels());
        this.sizeBytes = sizeBytes;
        SimulatedTask first = wanted.first;
        this.ordinal = first == null ? ordinal : first.ordinal; // Results of the first may be among those of this one.
    }

    TaskSpec spec() {
        return spec;
    }

    /** The core has it so from now on. */
    void becomes(TaskSpec other) {
        spec = other;
        priorities.add(other.priority());
    }

    TaskId id() {
        return spec.id();
    }

    /** Whether a sender can count on it. */
    boolean isThere() {
        return isAccepted && !isDeleted;
    }

    long subtasks() {
        return wanted.subtasks();
    }

    /** What the core has to know of it. */
    void requireRightSpec() {
        TaskObject object = wanted.object();
        CombineMode combine = wanted.combine();
        boolean isOwn = combine == null;
        boolean isInAnyOrder =
                isOwn ? WorldType.isInAnyOrder(object) : combine == CombineMode.ANY || combine == CombineMode.COUNT;
        boolean keepsResults = isOwn ? WorldType.keepsResults(object) : combine == CombineMode.COLLECT;
        TaskSpec right = TaskSpec.of(spec.id(), object.type())
                .submittedAs(wanted.key(), wanted.key() == null ? "" : wanted.fingerprint())
                .derivable(object.payloads() == null)
                .foldOrder(isInAnyOrder ? FoldOrder.ANY : FoldOrder.ASCENDING)
                .foldable(isOwn && isInAnyOrder)
                .keepsResults(keepsResults)
                .earlyEnd(
                        combine == CombineMode.FIRST
                                ? EarlyEnd.FIRST
                                : combine == CombineMode.ANY ? EarlyEnd.ANY : EarlyEnd.NONE)
                .onFailure(
                        object.onFailure() == TaskObject.OnFailure.FAIL
                                ? TaskSpec.OnFailure.FAIL
                                : TaskSpec.OnFailure.CONTINUE)
                .priority(object.priority())
                .maxAttempts(object.maxAttempts())
                .subtaskTimeoutMs(object.subtaskTimeoutMs() == null ? 0 : object.subtaskTimeoutMs())
                .timeoutMs(object.timeoutMs() == null ? 0 : object.timeoutMs())
                .paused(object.paused())
                .notBeforeMs(object.notBefore() == null ? 0 : object.notBefore().toEpochMilli())
                .build();
        Violation.unless(spec.equals(right), () -> object + " became " + spec + ", right is " + right);
    }

    // Its results.

    /** Its true result of an index as a number. */
    long numberOf(long index) {
        return ordinal << INDEX_BITS | index;
    }

    boolean isNull(long index) {
        return spec.earlyEnd() != EarlyEnd.NONE
                && Long.remainderUnsigned(World.mix(numberOf(index)), wanted.nullPeriod()) != 0;
    }

    JsonNode resultOf(long index) {
        return isNull(index) ? NullNode.instance : LongNode.valueOf(numberOf(index));
    }

    /** Its true results, as they come. */
    ResultValues results(long from, long to) {
        if (spec.earlyEnd() == EarlyEnd.NONE) {
            long[] numbers = new long[(int) (to - from)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = numberOf(from + i);
            }
            return new ResultValues.Longs(numbers);
        }
        List<JsonNode> results = new ArrayList<>();
        for (long index = from; index < to; index++) {
            results.add(resultOf(index));
        }
        return ResultValues.of(results);
    }

    /** What a worker gives that folds these itself. */
    JsonNode folded(long from, long to) {
        BigInteger sum = BigInteger.ZERO;
        for (long index = from; index < to; index++) {
            sum = sum.add(BigInteger.valueOf(numberOf(index)));
        }
        return sum.bitLength() < Long.SIZE ? LongNode.valueOf(sum.longValue()) : BigIntegerNode.valueOf(sum);
    }

    // What befalls it.

    void failed(long index, boolean isRetryable) {
        failures.merge(index, 1, Integer::sum);
        hasFailedForGood |= !isRetryable;
    }

    /** Whether workers said of a subtask what makes it fail for good after so many attempts. */
    boolean mayFailAfter(int attempts, long index) {
        boolean mayTimeOut = spec.subtaskTimeoutMs() > 0;
        return (attempts == spec.maxAttempts() || hasFailedForGood)
                && (mayTimeOut || attempts <= failures.getOrDefault(index, 0));
    }

    /** Whether there is a reason for which a subtask can have been given up. */
    boolean mayHaveFailed(long index, int deathsUntilPoison) {
        return spec.subtaskTimeoutMs() > 0
                || hasFailedForGood
                || failures.getOrDefault(index, 0) >= spec.maxAttempts()
                || loneDeaths.of(index).most() >= deathsUntilPoison;
    }

    // Its answer.

    /** The answer as it has to be, made by one loop over all results; null where more than one would be right. */
    @Nullable
    String trueAnswer(TaskSnapshot end, long chunkSize) {
        IndexRanges failed = new IndexRanges();
        for (Range range : end.failedRanges()) {
            failed.add(range.from(), range.to());
        }
        Truth truth = new Truth(failed);
        CombineMode combine = wanted.combine();
        if (combine == null) {
            return spec.foldOrder() == FoldOrder.ANY ? truth.sum() : truth.ordered(chunkSize);
        }
        return switch (combine) {
            case SUM -> truth.sum();
            case MAX -> truth.max();
            case COUNT -> Long.toString(subtasks() - end.ledger().failed());
            case COLLECT -> truth.collected();
            case FIRST -> truth.first();
            case ANY -> null;
            default -> throw new IllegalStateException("no task of the world is combined by " + combine);
        };
    }

    /** Whether it is the result of one index, or of none where there is none. */
    boolean isAnyResult(String answer, TaskSnapshot end) {
        if (answer.equals("null")) {
            IndexRanges failed = new IndexRanges();
            end.failedRanges().forEach(range -> failed.add(range.from(), range.to()));
            return new Truth(failed).first().equals("null");
        }
        long number = Long.parseLong(answer);
        long index = number & (1L << INDEX_BITS) - 1;
        return index < subtasks() && number == numberOf(index) && !isNull(index);
    }

    private final class Truth {
        private final IndexRanges failed;

        Truth(IndexRanges failed) {
            this.failed = failed;
        }

        private boolean hasFailed(long index) {
            return !failed.isEmpty() && failed.contains(index);
        }

        String sum() {
            BigInteger sum = BigInteger.ZERO;
            for (long index = 0; index < subtasks(); index++) {
                sum = hasFailed(index) ? sum : sum.add(BigInteger.valueOf(numberOf(index)));
            }
            return sum.toString();
        }

        String max() {
            for (long index = subtasks() - 1; index >= 0; index--) {
                if (!hasFailed(index)) {
                    return Long.toString(numberOf(index));
                }
            }
            return "null";
        }

        String first() {
            for (long index = 0; index < subtasks(); index++) {
                if (!isNull(index) && !hasFailed(index)) {
                    return Long.toString(numberOf(index));
                }
            }
            return "null";
        }

        String collected() {
            List<String> results = new ArrayList<>();
            for (long index = 0; index < subtasks(); index++) {
                results.add(hasFailed(index) ? "null" : Long.toString(numberOf(index)));
            }
            return "[" + String.join(",", results) + "]";
        }

        String ordered(long chunkSize) {
            long whole = 0;
            long chunk = 0;
            for (long index = 0; index < subtasks(); index++) {
                chunk = OrderedFold.next(chunk, hasFailed(index) ? OrderedFold.failed(index) : numberOf(index));
                if ((index + 1) % chunkSize == 0 || index + 1 == subtasks()) {
                    whole = OrderedFold.merged(whole, chunk);
                    chunk = 0;
                }
            }
            return Long.toString(whole);
        }
    }

    @Override
    public String toString() {
        return "task " + ordinal;
    }
}
