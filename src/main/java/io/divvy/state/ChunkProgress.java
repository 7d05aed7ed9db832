package io.divvy.state;

import java.util.List;

/**
 * How far a chunk came. Its folded results so far, the accumulator, go with it, outside of the core: they cover its closed
 * indexes below {@code foldedTo}. The results of the closed ones from there on are kept as they came, as parts. Made by a
 * {@link Draft}, by name.
 *
 * @param number of the chunk in its task
 * @param seq counts what was committed of this chunk, from 1
 * @param closed done, or out of attempts
 * @param failed those of {@code closed} that are out of attempts
 * @param attempts of open subtasks with which something went wrong
 * @param parts in a change, those that came since the last one; in a restored chunk, all at or above {@code foldedTo}. In
 *     ascending order, never failed ones
 */
public record ChunkProgress(
        int number,
        long seq,
        List<Range> closed,
        List<Range> failed,
        long foldedTo,
        List<Attempts> attempts,
        List<Part> parts) {

    /** Progress that is made up, by name. What is not set is 0, or empty. */
    public static final class Draft {
        private final int number;
        private final long seq;
        public List<Range> closed = List.of();
        public List<Range> failed = List.of();
        public long foldedTo;
        public List<Attempts> attempts = List.of();
        public List<Part> parts = List.of();

        public Draft(int number, long seq) {
            this.number = number;
            this.seq = seq;
        }

        public ChunkProgress finish() {
            return new ChunkProgress(number, seq, closed, failed, foldedTo, attempts, parts);
        }
    }

    /**
     * What went wrong with an open subtask.
     *
     * @param deaths workers that went away while they can have been running it. Who they were is not kept
     */
    public record Attempts(long index, int attempts, int deaths) {}
}
