package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import org.jspecify.annotations.Nullable;

/**
 * Folds results into an answer. Results of a chunk are added to one accumulator, and the accumulators of the chunks are then
 * merged; both left to right, unless {@link #isExact}.
 *
 * <p>An exact combiner may be asked to fold on a worker as well. What was added there travels as JSON, made by {@link
 * #toFolded}, and is taken up here by {@link #addFolded}. As a rule this is what {@link #finish} gives, and is added like a
 * result; a combiner whose answer looks different from its results says so itself.
 *
 * @param <A> the accumulator; {@link #add} and {@link #merge} may change it and return it
 */
public interface Combiner<A> {
    /** An accumulator of nothing. */
    A empty();

    /**
     * What is wrong with a result, or null. A result with a complaint counts as a failed attempt of its subtask, so nothing
     * that {@link #add} cannot take ever gets there.
     */
    @Nullable
    String complaint(JsonNode result);

    /** The same for a whole number, without an object for each. */
    default @Nullable String complaint(long result) {
        return complaint(LongNode.valueOf(result));
    }

    A add(A accumulator, JsonNode result);

    /** The same for a whole number, without an object for each. */
    default A add(A accumulator, long result) {
        return add(accumulator, LongNode.valueOf(result));
    }

    /** A subtask is out of attempts, in a task that goes on without it. */
    default A addFailed(A accumulator) {
        return accumulator;
    }

    /**
     * The same, for combiners that have to know what is missing.
     *
     * @param payload what the subtask was
     */
    default A addFailed(A accumulator, JsonNode payload) {
        return addFailed(accumulator);
    }

    /** What was added so far, for {@link #addFolded}. Only of an exact combiner, and only where no subtask failed. */
    default JsonNode toFolded(A accumulator) {
        return finish(accumulator);
    }

    /** What is wrong with results that a worker folded, or null; see {@link #complaint}. */
    default @Nullable String complaintAboutFolded(JsonNode folded) {
        return complaint(folded);
    }

    /** Adds several results at once, as {@link #toFolded} gave them. */
    default A addFolded(A accumulator, JsonNode folded) {
        return add(accumulator, folded);
    }

    /**
     * All that the accumulator holds, failed subtasks too, for {@link #fromStored}: how a task goes on after a restart of the
     * server, to the same bits. Not asked of one that {@link #keepsResults}: of that the results themselves are stored. To be
     * overridden by one whose answer does not tell all.
     */
    default JsonNode toStored(A accumulator) {
        return toFolded(accumulator);
    }

    /** The accumulator that {@link #toStored} was given. */
    default A fromStored(JsonNode stored) {
        return addFolded(empty(), stored);
    }

    /** Both together, {@code left} being that of the lower indexes unless {@link #isExact}. */
    A merge(A left, A right);

    JsonNode finish(A accumulator);

    /**
     * Whether the accumulator is made of the results that it got, and grows with them. How much one task may keep is limited;
     * and a server that stores them does so one by one, not the accumulator again and again.
     */
    default boolean keepsResults() {
        return !isExact();
    }

    /** Whether any order of adding and merging gives the same bits. Such results never wait for lower ones. */
    boolean isExact();
}
