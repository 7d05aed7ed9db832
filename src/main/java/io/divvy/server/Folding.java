package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TreeSize;
import io.divvy.task.Combiner;
import io.divvy.task.Subtasks;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The results of one task on their way to its answer. The core says what is folded when; a combiner that is not exact gets
 * each chunk left to right, and then the chunks left to right.
 */
final class Folding<A> {
    /** A whole number of results that are kept: a node, and its place in a list. */
    private static final int NUMBER_BYTES = 30;

    /** A failed subtask where results are kept: a place in a list. */
    private static final int FAILED_BYTES = 6;

    /** An accumulator's place. */
    private static final int CHUNK_BYTES = 64;

    /** Less than that is not worth a look. */
    private static final int LEAST_LOOK_BYTES = 512;

    private final Combiner<A> combiner;
    private final boolean isExact;
    private final boolean keepsResults;
    private Map<Integer, A> openChunks = new HashMap<>();
    /** Folded chunks that wait for a lower one. */
    private TreeMap<Integer, A> closedChunks = new TreeMap<>();

    /** Of the chunks that are closed; null of none. */
    private @Nullable A answer;

    private int nextChunk;
    /** What all of it took when it was last looked at, and what came since. */
    private long measuredBytes;

    private long addedBytes;

    Folding(Combiner<A> combiner) {
        this.combiner = combiner;
        this.isExact = combiner.isExact();
        this.keepsResults = combiner.keepsResults();
    }

    /** On any thread. */
    boolean isExact() {
        return isExact;
    }

    /** Whether the answer is made of the results themselves. On any thread. */
    boolean keepsResults() {
        return keepsResults;
    }

    /**
     * About how much memory it takes, and rather more: the results that came, for combiners that keep them. Of others it is
     * looked at again whenever what came could have made it half as large again, so that this costs little for each result,
     * and never shows more than one and a half times what there is.
     */
    long sizeBytes() {
        return measuredBytes + addedBytes;
    }

    private void added(long bytes) {
        addedBytes += bytes;
        if (!keepsResults && addedBytes > Math.max(LEAST_LOOK_BYTES, measuredBytes / 2)) {
            measuredBytes = measure();
            addedBytes = 0;
        }
    }

    private long measure() {
        A whole = answer;
        long bytes = whole == null ? 0 : accumulatorBytes(whole);
        for (A accumulator : openChunks.values()) {
            bytes += accumulatorBytes(accumulator);
        }
        for (A accumulator : closedChunks.values()) {
            bytes += accumulatorBytes(accumulator);
        }
        return bytes;
    }

    private long accumulatorBytes(A accumulator) {
        return CHUNK_BYTES + TreeSize.of(combiner.toStored(accumulator));
    }

    /** Lets go of all: the task is to end without an answer, or has one. From the loop, whatever its lane is at. */
    void drop() {
        openChunks = new HashMap<>();
        closedChunks = new TreeMap<>();
        answer = null;
        measuredBytes = 0;
        addedBytes = 0;
    }

    /** What is wrong with a result, or null. */
    @Nullable
    String complaint(JsonNode result) {
        return combiner.complaint(result);
    }

    /** Whether nothing is wrong with any of some whole numbers. */
    boolean takesAll(ResultValues.Longs results) {
        for (long result : results.values()) {
            if (combiner.complaint(result) != null) {
                return false;
            }
        }
        return true;
    }

    /** What is wrong with a result that a worker folded, or null. */
    @Nullable
    String complaintAboutFolded(JsonNode folded) {
        return combiner.complaintAboutFolded(folded);
    }

    void fold(int chunk, long from, long to, ResultValues results, long resultsFrom) {
        A accumulator = openChunk(chunk);
        int first = (int) (from - resultsFrom);
        int end = (int) (to - resultsFrom);
        if (results instanceof ResultValues.Longs longs) {
            for (int i = first; i < end; i++) {
                accumulator = combiner.add(accumulator, longs.values()[i]);
            }
        } else {
            for (int i = first; i < end; i++) {
                accumulator = combiner.add(accumulator, results.get(i));
            }
        }
        openChunks.put(chunk, accumulator);
        added(
                keepsResults && results instanceof ResultValues.Longs
                        ? (long) NUMBER_BYTES * (end - first)
                        : results.sizeBytes() * (end - first) / results.size());
    }

    /** Folds what a worker folded already: {@code results} has one entry. */
    void foldCombined(int chunk, ResultValues results) {
        openChunks.put(chunk, combiner.addFolded(openChunk(chunk), results.get(0)));
        added(results.sizeBytes());
    }

    /** @param subtasks of the task, or null if the combiner does not ask what the failed ones were */
    void foldFailed(int chunk, long from, long to, @Nullable Subtasks subtasks) {
        A accumulator = openChunk(chunk);
        for (long index = from; index < to; index++) {
            accumulator = subtasks == null
                    ? combiner.addFailed(accumulator)
                    : combiner.addFailed(accumulator, subtasks.payload(index));
        }
        openChunks.put(chunk, accumulator);
        added(FAILED_BYTES * (to - from));
    }

    void closeChunk(int chunk) {
        A accumulator = openChunk(chunk);
        openChunks.remove(chunk);
        if (isExact) {
            answer = combiner.merge(answer(), accumulator);
            return;
        }
        closedChunks.put(chunk, accumulator);
        while (closedChunks.containsKey(nextChunk)) {
            answer = combiner.merge(answer(), closedChunks.remove(nextChunk));
            nextChunk++;
        }
    }

    /** How far an open chunk is folded, for a store; null if nothing of it is, or if the results themselves are stored. */
    @Nullable
    JsonNode stored(int chunk) {
        if (keepsResults) {
            return null; // Asked on the loop, whatever the task's lane is at.
        }
        A accumulator = openChunks.get(chunk);
        return accumulator == null ? null : combiner.toStored(accumulator);
    }

    /** Goes on with a chunk where {@link #stored} left it. */
    void restore(int chunk, JsonNode stored) {
        openChunks.put(chunk, combiner.fromStored(stored));
        added(CHUNK_BYTES + TreeSize.of(stored));
    }

    /** The answer. A task that ended early has chunks that are not closed; what they have counts too. */
    JsonNode finish() {
        new TreeMap<>(openChunks).keySet().forEach(this::closeChunk);
        closedChunks.values().forEach(accumulator -> answer = combiner.merge(answer(), accumulator));
        closedChunks.clear();
        return combiner.finish(answer());
    }

    private A answer() {
        A whole = answer;
        return whole == null ? combiner.empty() : whole;
    }

    private A openChunk(int chunk) {
        A accumulator = openChunks.get(chunk);
        return accumulator == null ? combiner.empty() : accumulator;
    }
}
