package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.Range;
import io.divvy.state.TaskSpec;
import io.divvy.state.TaskSpec.FoldOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Folds the results of one task for real, and refuses what a real fold could not bear: an index twice, an index in the wrong
 * order, a chunk closed too early. The answer is a sum, and for tasks that are not too large a text that depends on the order.
 */
final class StoryFolding {
    /** Above this only the sum and the order are checked. */
    private static final long MOST_WRITTEN_OUT = 1 << 20;

    private final TaskSpec spec;
    private final long total;
    private final long chunkSize;
    private final BitSet seen = new BitSet();
    private final TreeMap<Integer, OpenChunk> openChunks = new TreeMap<>();
    private final TreeMap<Integer, OpenChunk> closedChunks = new TreeMap<>();

    /** @param text the indexes in the order of the fold, a failed one as "-", each followed by a space */
    record SumAnswer(long sum, long folded, long failed, String text) implements Answer {}

    private static final class OpenChunk {
        final StringBuilder text = new StringBuilder();
        long nextIndex;
        long sum;
        long folded;
        long failed;

        OpenChunk copy() {
            OpenChunk copy = new OpenChunk();
            copy.text.append(text);
            copy.nextIndex = nextIndex;
            copy.sum = sum;
            copy.folded = folded;
            copy.failed = failed;
            return copy;
        }
    }

    /** A chunk as far as it was folded, for a store. */
    record Accumulator(OpenChunk chunk) {}

    /** Null if nothing of the chunk is folded, or if the store keeps the results themselves. */
    @Nullable
    Accumulator saved(int number) {
        OpenChunk chunk = openChunks.get(number);
        return chunk == null || spec.keepsResults() ? null : new Accumulator(chunk.copy());
    }

    /** @param closed which indexes it covers */
    void restore(int number, Accumulator accumulator, List<Range> closed) {
        openChunks.put(number, accumulator.chunk.copy());
        closed.forEach(range -> seen.set((int) range.from(), (int) range.to()));
    }

    StoryFolding(TaskSpec spec, long total) {
        this.spec = spec;
        this.total = total;
        this.chunkSize = Limits.chunkSize(total);
    }

    void fold(Effect.Fold effect) {
        IndexResults results =
                effect.results() instanceof MostlyNulls nulls ? nulls.results() : (IndexResults) effect.results();
        long first = results.first() + effect.from() - effect.resultsFrom();
        long end = results.first() + effect.to() - effect.resultsFrom();
        assertTrue(
                results.first() <= first && end <= results.first() + results.count(),
                () -> effect + " asks for entries that the results do not have");
        OpenChunk chunk = take(effect.chunk(), effect.from(), effect.to(), false);
        chunk.sum += IndexResults.sum(first, end);
        chunk.folded += end - first;
    }

    void foldCombined(Effect.FoldCombined effect) {
        assertEquals(
                IndexResults.of(effect.from(), effect.to()), effect.results(), "one result for just these indexes");
        assertTrue(spec.foldable(), () -> spec.id() + " takes no combined results");
        OpenChunk chunk = take(effect.chunk(), effect.from(), effect.to(), false);
        chunk.sum += IndexResults.sum(effect.from(), effect.to());
        chunk.folded += effect.to() - effect.from();
    }

    void foldFailed(Effect.FoldFailed effect) {
        take(effect.chunk(), effect.from(), effect.to(), true).failed += effect.to() - effect.from();
    }

    private OpenChunk take(int number, long from, long to, boolean isFailure) {
        long chunkFrom = number * chunkSize;
        long chunkTo = Math.min(total, chunkFrom + chunkSize);
        assertTrue(chunkFrom <= from && to <= chunkTo, "[" + from + ", " + to + ") is not in chunk " + number);
        assertFalse(closedChunks.containsKey(number), "chunk " + number + " was closed before all of it was folded");
        OpenChunk chunk = openChunks.computeIfAbsent(number, n -> {
            OpenChunk fresh = new OpenChunk();
            fresh.nextIndex = chunkFrom;
            return fresh;
        });
        if (spec.foldOrder() == FoldOrder.ASCENDING) {
            assertEquals(chunk.nextIndex, from, "the next index that chunk " + number + " folds");
        }
        chunk.nextIndex = to;
        if (total <= MOST_WRITTEN_OUT) {
            int twice = seen.nextSetBit((int) from);
            assertTrue(twice < 0 || twice >= to, () -> "index " + twice + " is folded twice");
            seen.set((int) from, (int) to);
            for (long index = from; index < to; index++) {
                chunk.text.append(isFailure ? "-" : index).append(' ');
            }
        }
        return chunk;
    }

    void closeChunk(Effect.CloseChunk effect) {
        OpenChunk chunk = openChunks.remove(effect.chunk());
        long size = Math.min(total, (effect.chunk() + 1) * chunkSize) - effect.chunk() * chunkSize;
        assertEquals(
                size, chunk == null ? 0 : chunk.folded + chunk.failed, "indexes folded into chunk " + effect.chunk());
        closedChunks.put(effect.chunk(), chunk);
    }

    SumAnswer finish() {
        List<OpenChunk> all = new ArrayList<>(closedChunks.values());
        all.addAll(openChunks.values());
        long folded = all.stream().mapToLong(chunk -> chunk.folded).sum();
        long failed = all.stream().mapToLong(chunk -> chunk.failed).sum();
        if (spec.earlyEnd() == TaskSpec.EarlyEnd.NONE) {
            assertTrue(openChunks.isEmpty(), () -> "finished with the chunks " + openChunks.keySet() + " still open");
            assertEquals(total, folded + failed, "indexes in the answer");
        }
        long sum = all.stream().mapToLong(chunk -> chunk.sum).sum();
        String text = closedChunks.values().stream().map(chunk -> chunk.text).collect(Collectors.joining());
        return new SumAnswer(sum, folded, failed, text);
    }
}
