package io.divvy.store;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chunk as it is stored: {@link ChunkProgress} with its results in bytes.
 *
 * @param accumulator JSON of the folded results of the closed indexes below {@code foldedTo}, or null if there are none
 * @param parts in a change, those to add; in what is recovered, all at or above {@code foldedTo}, in ascending order
 */
public record ChunkRow(
        int number,
        long seq,
        List<Range> closed,
        List<Range> failed,
        long foldedTo,
        List<ChunkProgress.Attempts> attempts,
        byte @Nullable [] accumulator,
        List<PartRow> parts) {

    /**
     * Results that are done and not folded yet.
     *
     * @param combined whether {@code results} is one result for all of them, else there is one for each index
     * @param results JSON of an array
     */
    public record PartRow(long from, long to, boolean combined, byte[] results) {}
}
