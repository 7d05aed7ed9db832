package io.divvy.scheduler.world;

import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.TaskSize;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.EarlyEnd;
import io.divvy.state.TaskSpec.FoldOrder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a sender wants done, and all that the world knows of it: its true results, and what was told to anybody. */
final class SimulatedTask {
    /** What a task takes in memory at most. */
    static final long SIZE_BYTES = 1_000;

    /** What stands for a failed subtask in an answer whose bits depend on the order. */
    static final double FAILED = -1;

    final TaskSpec spec;
    final long subtasks;
    /** Why its params are not taken, or null. */
    final @Nullable String splitFailure;

    /** Of a task that may end early one result in so many is not null. */
    private final long nullPeriod;

    private final long salt;

    /** Whether any sender was told that it exists. */
    boolean isAccepted;
    /** Whether a sender let it be forgotten after its end. */
    boolean isDeleted;
    /** The end that senders were told, or null. */
    @Nullable
    TaskSnapshot toldEnd;

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

    SimulatedTask(TaskSpec spec, long subtasks, @Nullable String splitFailure, long nullPeriod, long salt) {
        this.spec = spec;
        this.subtasks = subtasks;
        this.splitFailure = splitFailure;
        this.nullPeriod = nullPeriod;
        this.salt = salt;
    }

    /** The same each time that it is submitted. */
    TaskSize size() {
        return new TaskSize(subtasks, 1 + Math.floorMod(salt, SIZE_BYTES));
    }

    /** The same task under another id. */
    SimulatedTask under(TaskId id) {
        return new SimulatedTask(specWith(id, spec.fingerprint()), subtasks, splitFailure, nullPeriod, salt);
    }

    /** Another task that its sender calls the same. All its results are others. */
    SimulatedTask another() {
        TaskSpec other = specWith(spec.id(), spec.fingerprint() + ", but otherwise");
        return new SimulatedTask(other, subtasks, splitFailure, nullPeriod, ~salt);
    }

    private TaskSpec specWith(TaskId id, String fingerprint) {
        return TaskSpec.of(id, spec.type())
                .derivable(spec.derivable())
                .submittedAs(spec.submitKey(), fingerprint)
                .foldOrder(spec.foldOrder())
                .foldable(spec.foldable())
                .keepsResults(spec.keepsResults())
                .earlyEnd(spec.earlyEnd())
                .onFailure(spec.onFailure())
                .priority(spec.priority())
                .maxAttempts(spec.maxAttempts())
                .subtaskTimeoutMs(spec.subtaskTimeoutMs())
                .timeoutMs(spec.timeoutMs())
                .build();
    }

    /** Its true result of an index. Few bits of it are alike, so a fold that takes a wrong one shows. */
    long resultOf(long index) {
        return World.mix(salt + index * 0x9E3779B97F4A7C15L);
    }

    /** The same, for a fold that depends on the order: in [0, 1). */
    double fractionOf(long index) {
        return (resultOf(index) >>> 11) * 0x1p-53;
    }

    boolean isNull(long index) {
        return spec.earlyEnd() != EarlyEnd.NONE && Long.remainderUnsigned(resultOf(index), nullPeriod) != 0;
    }

    boolean isOrdered() {
        return spec.foldOrder() == FoldOrder.ASCENDING;
    }

    /** Adds one result to what was folded, so that every earlier one has another weight. */
    static double addOrdered(double folded, double result) {
        return folded * 0.75 + result;
    }

    /** Adds a folded chunk to those before it. */
    static double mergeOrdered(double folded, double chunk) {
        return folded * 0.5 + chunk;
    }

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
                || loneDeaths.of(index).count() >= deathsUntilPoison;
    }

    /** The answer as it has to be, made by one loop over all results. */
    SimulatedAnswer trueAnswer(TaskSnapshot end, long chunkSize) {
        IndexRanges failed = new IndexRanges();
        for (Range range : end.failedRanges()) {
            failed.add(range.from(), range.to());
        }
        if (spec.earlyEnd() != EarlyEnd.NONE) {
            for (long index = 0; index < subtasks; index++) {
                if (!isNull(index) && !failed.contains(index)) {
                    return SimulatedAnswer.found(index, resultOf(index));
                }
            }
            return SimulatedAnswer.nothingFound();
        }
        double ordered = 0;
        double chunk = 0;
        long sum = 0;
        for (long index = 0; index < subtasks; index++) {
            boolean hasFailed = !failed.isEmpty() && failed.contains(index);
            sum += hasFailed ? 0 : resultOf(index);
            chunk = addOrdered(chunk, hasFailed ? FAILED : fractionOf(index));
            if ((index + 1) % chunkSize == 0 || index + 1 == subtasks) {
                ordered = mergeOrdered(ordered, chunk);
                chunk = 0;
            }
        }
        return isOrdered() ? SimulatedAnswer.ordered(ordered) : SimulatedAnswer.sum(sum);
    }

    @Override
    public String toString() {
        return spec.id().value();
    }
}
