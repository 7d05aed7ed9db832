package io.divvy.store;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chunk as it is stored: {@link ChunkProgress} with its results in bytes. Made by a {@link Draft}, by name.
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

    /** A row that is made up, by name. What is not set is empty. */
    public static final class Draft {
        private final int number;
        private final long seq;
        public List<Range> closed = List.of();
        public List<Range> failed = List.of();
        public long foldedTo;
        public List<ChunkProgress.Attempts> attempts = List.of();
        public byte @Nullable [] accumulator;
        public List<PartRow> parts = List.of();

        public Draft(int number, long seq) {
            this.number = number;
            this.seq = seq;
        }

        public ChunkRow finish() {
            return new ChunkRow(number, seq, closed, failed, foldedTo, attempts, accumulator, parts);
        }
    }

    /** Of its results. */
    public long sizeBytes() {
        long bytes = accumulator == null ? 0 : accumulator.length;
        for (PartRow part : parts) {
            bytes += part.results().length;
        }
        return bytes;
    }

    /** The same with other parts. */
    public ChunkRow withParts(List<PartRow> others) {
        return new ChunkRow(number, seq, closed, failed, foldedTo, attempts, accumulator, others);
    }

    /**
     * Results that are done and not folded yet.
     *
     * @param combined whether {@code results} is one result for all of them, else there is one for each index
     * @param results JSON of an array
     */
    public record PartRow(long from, long to, boolean combined, byte[] results) {}
}
