package io.divvy.scheduler.world;

import io.divvy.protocol.ResultValues;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.IndexRanges;
import io.divvy.scheduler.Limits;
import io.divvy.server.session.ArrivedResults;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import io.divvy.state.Results;
import io.divvy.state.TaskSpec.EarlyEnd;
import io.divvy.state.TaskSpec.FoldOrder;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds what the core wants folded of one task against what a fold can bear: each index once, in the right order, with its own
 * result, and chunks that are closed when all of them is there.
 */
final class FoldOracle {
    final SimulatedTask task;
    private final long chunkSize;
    private final TreeMap<Integer, Folded> chunks = new TreeMap<>();
    private long folded;

    private static final class Folded {
        final IndexRanges indexes = new IndexRanges();
        boolean isClosed;
    }

    FoldOracle(SimulatedTask task) {
        this.task = task;
        this.chunkSize = Limits.chunkSize(task.subtasks());
    }

    /** Indexes that were folded, failed ones too. */
    long folded() {
        return folded;
    }

    void fold(Effect.Fold effect) {
        ResultValues results = valuesOf(effect.results());
        long first = effect.from() - effect.resultsFrom();
        Violation.unless(
                0 <= first && effect.to() - effect.resultsFrom() <= results.size(),
                () -> effect + " asks for entries that the results do not have");
        // The first and the last tell: results that come together are of neighbours.
        requireOwn(results, (int) first, effect.from(), effect);
        requireOwn(results, (int) (effect.to() - 1 - effect.resultsFrom()), effect.to() - 1, effect);
        take(effect.chunk(), effect.from(), effect.to());
    }

    private void requireOwn(ResultValues results, int position, long index, Effect effect) {
        Violation.unless(
                results.get(position).equals(task.resultOf(index)),
                () -> effect + " folds " + results.get(position) + " for subtask " + index + " of " + task
                        + ", right is " + task.resultOf(index));
    }

    void foldCombined(Effect.FoldCombined effect) {
        ResultValues results = valuesOf(effect.results());
        Violation.unless(task.spec().foldable(), () -> effect + " for a task that takes no combined results");
        Violation.unless(
                results.size() == 1
                        && results.get(0)
                                .asText()
                                .equals(task.folded(effect.from(), effect.to()).asText()),
                () -> effect + " needs one result for just these indexes");
        take(effect.chunk(), effect.from(), effect.to());
    }

    private static ResultValues valuesOf(Results results) {
        return ((ArrivedResults) results).values();
    }

    void foldFailed(Effect.FoldFailed effect) {
        take(effect.chunk(), effect.from(), effect.to());
    }

    private void take(int number, long from, long to) {
        Range bounds = bounds(number);
        Violation.unless(
                bounds.from() <= from && from < to && to <= bounds.to(),
                () -> task + ": [" + from + ", " + to + ") is not in chunk " + number);
        Folded chunk = chunks.computeIfAbsent(number, n -> new Folded());
        Violation.unless(!chunk.isClosed, () -> task + ": chunk " + number + " was closed before all of it was folded");
        if (task.spec().foldOrder() == FoldOrder.ASCENDING) {
            long next = bounds.from() + chunk.indexes.size();
            Violation.unless(next == from, () -> task + ": index " + from + " is folded where " + next + " is next");
        }
        long added = chunk.indexes.add(from, to);
        Violation.unless(added == to - from, () -> task + ": an index of [" + from + ", " + to + ") is folded twice");
        folded += added;
    }

    void closeChunk(int number) {
        Folded chunk = Violation.ifNull(chunks.get(number), () -> task + ": nothing of chunk " + number + " is folded");
        Violation.unless(
                chunk.indexes.size() == bounds(number).size(),
                () -> task + ": chunk " + number + " is closed with gaps");
        Violation.unless(!chunk.isClosed, () -> task + ": chunk " + number + " is closed twice");
        chunk.isClosed = true;
    }

    /** How far a chunk came goes to the store with what was folded of it: the two have to say the same. */
    void requireFolded(ChunkProgress progress) {
        if (progress.foldedTo() <= bounds(progress.number()).from()) {
            return;
        }
        Folded chunk = chunks.getOrDefault(progress.number(), new Folded());
        Violation.unless(
                !chunk.isClosed, () -> task + ": chunk " + progress.number() + " is saved after it was closed");
        IndexRanges covered = covered(progress);
        Violation.unless(
                covered.equals(chunk.indexes),
                () -> task + ": chunk " + progress.number() + " folded " + chunk.indexes + ", its progress says "
                        + progress);
    }

    private static IndexRanges covered(ChunkProgress progress) {
        IndexRanges covered = new IndexRanges();
        for (Range range : progress.closed()) {
            if (range.from() < progress.foldedTo()) {
                covered.add(range.from(), Math.min(range.to(), progress.foldedTo()));
            }
        }
        return covered;
    }

    /** It goes on where a former server left it. */
    void restored(ChunkProgress progress) {
        Folded chunk = new Folded();
        covered(progress).toList().forEach(range -> chunk.indexes.add(range.from(), range.to()));
        if (!chunk.indexes.isEmpty()) {
            chunks.put(progress.number(), chunk);
            folded += chunk.indexes.size();
        }
    }

    void requireFinished() {
        if (task.spec().earlyEnd() != EarlyEnd.NONE) {
            return;
        }
        Violation.unless(folded == task.subtasks(), () -> task + " is finished with " + folded + " indexes folded");
        for (Map.Entry<Integer, Folded> chunk : chunks.entrySet()) {
            Violation.unless(
                    chunk.getValue().isClosed, () -> task + " is finished with chunk " + chunk.getKey() + " open");
        }
    }

    private Range bounds(int number) {
        return new Range(number * chunkSize, Math.min(task.subtasks(), (number + 1) * chunkSize));
    }
}
