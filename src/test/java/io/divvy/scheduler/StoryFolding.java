package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.TaskSpec.FoldOrder;
import java.util.BitSet;
import java.util.TreeMap;

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
    private final TreeMap<Integer, String> closedChunks = new TreeMap<>();
    private long sum;
    private long folded;
    private long failed;

    /** @param text the indexes in the order of the fold, a failed one as "-", each followed by a space */
    record SumAnswer(long sum, long folded, long failed, String text) implements Answer {}

    private static final class OpenChunk {
        final StringBuilder text = new StringBuilder();
        long nextIndex;
        long count;
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
        take(effect.chunk(), effect.from(), effect.to(), false);
        sum += IndexResults.sum(first, end);
        folded += end - first;
    }

    void foldCombined(Effect.FoldCombined effect) {
        assertEquals(
                IndexResults.of(effect.from(), effect.to()), effect.results(), "one result for just these indexes");
        assertTrue(spec.foldable(), () -> spec.id() + " takes no combined results");
        take(effect.chunk(), effect.from(), effect.to(), false);
        sum += IndexResults.sum(effect.from(), effect.to());
        folded += effect.to() - effect.from();
    }

    void foldFailed(Effect.FoldFailed effect) {
        take(effect.chunk(), effect.from(), effect.to(), true);
        failed += effect.to() - effect.from();
    }

    private void take(int number, long from, long to, boolean isFailure) {
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
        chunk.count += to - from;
        if (total <= MOST_WRITTEN_OUT) {
            int twice = seen.nextSetBit((int) from);
            assertTrue(twice < 0 || twice >= to, () -> "index " + twice + " is folded twice");
            seen.set((int) from, (int) to);
            for (long index = from; index < to; index++) {
                chunk.text.append(isFailure ? "-" : index).append(' ');
            }
        }
    }

    void closeChunk(Effect.CloseChunk effect) {
        OpenChunk chunk = openChunks.remove(effect.chunk());
        long size = Math.min(total, (effect.chunk() + 1) * chunkSize) - effect.chunk() * chunkSize;
        assertEquals(size, chunk == null ? 0 : chunk.count, "indexes folded into chunk " + effect.chunk());
        closedChunks.put(effect.chunk(), chunk.text.toString());
    }

    SumAnswer finish() {
        if (spec.earlyEnd() == TaskSpec.EarlyEnd.NONE) {
            assertTrue(openChunks.isEmpty(), () -> "finished with the chunks " + openChunks.keySet() + " still open");
            assertEquals(total, folded + failed, "indexes in the answer");
        }
        return new SumAnswer(sum, folded, failed, String.join("", closedChunks.values()));
    }
}
