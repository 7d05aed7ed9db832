package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.ResultValues;
import io.divvy.task.Combiners;
import io.divvy.task.Subtasks;
import java.util.List;
import org.junit.jupiter.api.Test;

class FoldingTest {
    private static ResultValues texts(String... texts) {
        return ResultValues.of(
                List.of(texts).stream().<JsonNode>map(TextNode::valueOf).toList());
    }

    @Test
    void chunksThatCloseInAnyOrderAreJoinedLeftToRight() {
        Folding<?> folding = new Folding<>(Combiners.concat());
        folding.fold(1, 1024, 1026, texts("c", "d"), 1024);
        folding.fold(2, 2048, 2049, texts("e"), 2048);
        folding.closeChunk(2);
        folding.closeChunk(1);
        folding.fold(0, 0, 2, texts("a", "b"), 0);
        folding.closeChunk(0);
        assertEquals("\"abcde\"", folding.finish().toString());
    }

    @Test
    void onlyTheRangeThatCountsIsFoldedOfArrivedResults() {
        Folding<?> folding = new Folding<>(Combiners.concat());
        folding.fold(0, 11, 13, texts("a", "b", "c", "d"), 10);
        folding.closeChunk(0);
        assertEquals("\"bc\"", folding.finish().toString());
    }

    private static final Subtasks NO_PAYLOADS = new Subtasks() {
        @Override
        public long count() {
            return 3;
        }

        @Override
        public JsonNode payload(long index) {
            return NullNode.getInstance();
        }
    };

    @Test
    void aFailedIndexIsNullWhereResultsAreCollected() {
        Folding<?> folding = new Folding<>(Combiners.collect());
        folding.fold(0, 0, 1, texts("a"), 0);
        folding.foldFailed(0, 1, 3, NO_PAYLOADS);
        folding.closeChunk(0);
        assertEquals("[\"a\",null,null]", folding.finish().toString());
    }

    @Test
    void keptResultsAreCountedInBytesAndSumsAreNot() {
        ResultValues numbers = new ResultValues.Longs(new long[1_000]);
        for (Folding<?> small : List.of(
                new Folding<>(Combiners.sum()),
                new Folding<>(Combiners.min()),
                new Folding<>(Combiners.max()),
                new Folding<>(Combiners.wholeNumberSum()))) {
            small.fold(0, 0, 1_000, numbers, 0);
            assertTrue(small.sizeBytes() < 1_500, small.sizeBytes() + " bytes");
        }
        Folding<?> collected = new Folding<>(Combiners.collect());
        collected.fold(0, 0, 500, numbers, 0);
        assertTrue(collected.sizeBytes() >= 500 * 8, collected.sizeBytes() + " bytes");
    }
}
