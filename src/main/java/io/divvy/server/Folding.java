package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ResultValues;
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
    private final Combiner<A> combiner;
    private final boolean isExact;
    private final boolean keepsResults;
    private final Map<Integer, A> openChunks = new HashMap<>();
    /** Folded chunks that wait for a lower one. */
    private final TreeMap<Integer, A> closedChunks = new TreeMap<>();

    private A answer;
    private int nextChunk;
    private long sizeBytes;

    Folding(Combiner<A> combiner) {
        this.combiner = combiner;
        this.isExact = combiner.isExact();
        this.keepsResults = combiner.keepsResults();
        this.answer = combiner.empty();
    }

    /** On any thread. */
    boolean isExact() {
        return isExact;
    }

    /** Whether the answer is made of the results themselves. On any thread. */
    boolean keepsResults() {
        return keepsResults;
    }

    /** About how much memory the folded results take, for combiners that keep them. */
    long sizeBytes() {
        return sizeBytes;
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
        if (keepsResults) {
            sizeBytes += results.sizeBytes() * (end - first) / results.size();
        }
    }

    /** Folds what a worker folded already: {@code results} has one entry. */
    void foldCombined(int chunk, ResultValues results) {
        openChunks.put(chunk, combiner.addFolded(openChunk(chunk), results.get(0)));
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
    }

    void closeChunk(int chunk) {
        A accumulator = openChunk(chunk);
        openChunks.remove(chunk);
        if (isExact) {
            answer = combiner.merge(answer, accumulator);
            return;
        }
        closedChunks.put(chunk, accumulator);
        while (closedChunks.containsKey(nextChunk)) {
            answer = combiner.merge(answer, closedChunks.remove(nextChunk));
            nextChunk++;
        }
    }

    /** How far an open chunk is folded, for a store; null if nothing of it is, or if the results themselves are stored. */
    @Nullable
    JsonNode stored(int chunk) {
        A accumulator = openChunks.get(chunk);
        return accumulator == null || keepsResults ? null : combiner.toStored(accumulator);
    }

    /** Goes on with a chunk where {@link #stored} left it. */
    void restore(int chunk, JsonNode stored) {
        openChunks.put(chunk, combiner.fromStored(stored));
    }

    /** The answer. A task that ended early has chunks that are not closed; what they have counts too. */
    JsonNode finish() {
        new TreeMap<>(openChunks).keySet().forEach(this::closeChunk);
        closedChunks.values().forEach(accumulator -> answer = combiner.merge(answer, accumulator));
        closedChunks.clear();
        return combiner.finish(answer);
    }

    private A openChunk(int chunk) {
        A accumulator = openChunks.get(chunk);
        return accumulator == null ? combiner.empty() : accumulator;
    }
}
