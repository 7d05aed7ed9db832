package io.divvy.scheduler.world;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.Limits;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import io.divvy.state.TaskSpec.EarlyEnd;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Folds the results of one task for real, and refuses what a real fold could not bear: an index twice, an index in the wrong
 * order, an entry that the results do not have, a chunk closed too early.
 */
final class TaskFolding {
    final SimulatedTask task;
    private final long chunkSize;
    private final TreeMap<Integer, Accumulator> chunks = new TreeMap<>();
    private long folded;

    /** The folded results of one chunk. */
    static final class Accumulator {
        final IndexRanges indexes = new IndexRanges();
        boolean isClosed;
        private double ordered;
        private long sum;
        /** For a task that ends early: the index of the lowest result that is not null, or of any, or -1. */
        private long found = -1;

        Accumulator copy() {
            Accumulator copy = new Accumulator();
            indexes.toList().forEach(range -> copy.indexes.add(range.from(), range.to()));
            copy.ordered = ordered;
            copy.sum = sum;
            copy.found = found;
            return copy;
        }
    }

    TaskFolding(SimulatedTask task) {
        this.task = task;
        this.chunkSize = Limits.chunkSize(task.subtasks);
    }

    long chunkSize() {
        return chunkSize;
    }

    /** Indexes that were folded, failed ones too. */
    long folded() {
        return folded;
    }

    void fold(Effect.Fold effect) {
        SimulatedResults results = (SimulatedResults) effect.results();
        long first = results.first() + effect.from() - effect.resultsFrom();
        long end = results.first() + effect.to() - effect.resultsFrom();
        Violation.unless(
                results.first() <= first && end <= results.first() + results.count() && !results.combined(),
                () -> effect + " asks for entries that the results do not have");
        Violation.unless(results.task() == task, () -> effect + " folds results of another task");
        Accumulator chunk = take(effect.chunk(), effect.from(), effect.to());
        for (long index = first; index < end; index++) {
            chunk.sum += task.resultOf(index);
            chunk.ordered = SimulatedTask.addOrdered(chunk.ordered, task.fractionOf(index));
            if (task.spec.earlyEnd() != EarlyEnd.NONE && chunk.found < 0 && !task.isNull(index)) {
                chunk.found = index;
            }
        }
    }

    void foldCombined(Effect.FoldCombined effect) {
        SimulatedResults results = (SimulatedResults) effect.results();
        Violation.unless(task.spec.foldable(), () -> effect + " for a task that takes no combined results");
        Violation.unless(
                results.combined()
                        && results.task() == task
                        && results.first() == effect.from()
                        && results.count() == effect.to() - effect.from(),
                () -> effect + " needs one result for just these indexes");
        Accumulator chunk = take(effect.chunk(), effect.from(), effect.to());
        for (long index = effect.from(); index < effect.to(); index++) {
            chunk.sum += task.resultOf(index);
        }
    }

    void foldFailed(Effect.FoldFailed effect) {
        Accumulator chunk = take(effect.chunk(), effect.from(), effect.to());
        for (long index = effect.from(); index < effect.to(); index++) {
            chunk.ordered = SimulatedTask.addOrdered(chunk.ordered, SimulatedTask.FAILED);
        }
    }

    private Accumulator take(int number, long from, long to) {
        Range bounds = bounds(number);
        Violation.unless(
                bounds.from() <= from && from < to && to <= bounds.to(),
                () -> task + ": [" + from + ", " + to + ") is not in chunk " + number);
        Accumulator chunk = chunks.computeIfAbsent(number, n -> new Accumulator());
        Violation.unless(!chunk.isClosed, () -> task + ": chunk " + number + " was closed before all of it was folded");
        if (task.isOrdered()) {
            long next = bounds.from() + chunk.indexes.size();
            Violation.unless(next == from, () -> task + ": index " + from + " is folded where " + next + " is next");
        }
        long added = chunk.indexes.add(from, to);
        Violation.unless(added == to - from, () -> task + ": an index of [" + from + ", " + to + ") is folded twice");
        folded += added;
        return chunk;
    }

    void closeChunk(int number) {
        Accumulator chunk =
                Violation.ifNull(chunks.get(number), () -> task + ": nothing of chunk " + number + " is folded");
        Violation.unless(
                chunk.indexes.size() == bounds(number).size(),
                () -> task + ": chunk " + number + " is closed with gaps");
        Violation.unless(!chunk.isClosed, () -> task + ": chunk " + number + " is closed twice");
        chunk.isClosed = true;
    }

    /** What the store gets with the progress of a chunk: null where that says that nothing of it is folded. */
    @Nullable
    Accumulator accumulatorFor(ChunkProgress progress) {
        Range bounds = bounds(progress.number());
        if (progress.foldedTo() <= bounds.from()) {
            return null;
        }
        Accumulator chunk = chunks.getOrDefault(progress.number(), new Accumulator());
        Violation.unless(
                !chunk.isClosed, () -> task + ": chunk " + progress.number() + " is saved after it was closed");
        IndexRanges covered = new IndexRanges();
        for (Range range : progress.closed()) {
            if (range.from() < progress.foldedTo()) {
                covered.add(range.from(), Math.min(range.to(), progress.foldedTo()));
            }
        }
        Violation.unless(
                covered.equals(chunk.indexes),
                () -> task + ": chunk " + progress.number() + " folded " + chunk.indexes + ", its progress says "
                        + progress);
        return chunk.copy();
    }

    void restore(int number, Accumulator accumulator) {
        chunks.put(number, accumulator.copy());
        folded += accumulator.indexes.size();
    }

    SimulatedAnswer finish() {
        EarlyEnd earlyEnd = task.spec.earlyEnd();
        if (earlyEnd != EarlyEnd.NONE) {
            for (Accumulator chunk : chunks.values()) {
                if (chunk.found >= 0) {
                    return SimulatedAnswer.found(chunk.found, task.resultOf(chunk.found));
                }
            }
            return SimulatedAnswer.nothingFound();
        }
        Violation.unless(folded == task.subtasks, () -> task + " is finished with " + folded + " indexes folded");
        double ordered = 0;
        long sum = 0;
        for (Map.Entry<Integer, Accumulator> chunk : chunks.entrySet()) {
            Violation.unless(
                    chunk.getValue().isClosed, () -> task + " is finished with chunk " + chunk.getKey() + " open");
            ordered = SimulatedTask.mergeOrdered(ordered, chunk.getValue().ordered);
            sum += chunk.getValue().sum;
        }
        return task.isOrdered() ? SimulatedAnswer.ordered(ordered) : SimulatedAnswer.sum(sum);
    }

    private Range bounds(int number) {
        return new Range(number * chunkSize, Math.min(task.subtasks, (number + 1) * chunkSize));
    }
}
