package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.TaskType;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a task type keeps what {@link TaskType} asks of it, on its own examples. Any break is an {@link AssertionError}
 * that says what, for which params, and with which seed.
 *
 * <pre>{@code
 * @Test
 * void keepsItsWord() {
 *     TaskTypeKit.of(new VowelCount()).sameAnswerHoweverSplit().check();
 * }
 * }</pre>
 *
 * <ul>
 *   <li>params: the schema accepts the examples; what it refuses, {@code split} refuses too, and in no other way than by
 *       {@link InvalidParamsException};
 *   <li>split: at most as many subtasks as wanted, a payload for each, the same ones the second time; with {@link
 *       #balancedBy}, sizes that differ by at most one and cover the same however many there are;
 *   <li>process: the same result for the same payload, also for one that was written as JSON and read again, and an {@link
 *       InterruptedException} that gets through when the task is cancelled;
 *   <li>combiner: takes the type's results; the same answer however they are grouped, and in any order if it is exact;
 *   <li>range folder: the same as the subtasks one by one, on random ranges.
 * </ul>
 */
public final class TaskTypeKit {
    private final TaskType type;
    private long seed = 1;
    private int rounds = 50;
    private @Nullable ToLongFunction<JsonNode> size;
    private boolean sameAnswerHoweverSplit;

    private TaskTypeKit(TaskType type) {
        this.type = type;
    }

    public static TaskTypeKit of(TaskType type) {
        return new TaskTypeKit(type);
    }

    /** Of all that is random here; 1 unless it is given. */
    public TaskTypeKit seed(long newSeed) {
        seed = newSeed;
        return this;
    }

    /** How many random groupings, orders and ranges are tried for each example; 50 unless it is given. */
    public TaskTypeKit rounds(int newRounds) {
        rounds = newRounds;
        return this;
    }

    /** The type says that its splits are balanced: sizes of payloads differ by at most one. */
    public TaskTypeKit balancedBy(ToLongFunction<JsonNode> sizeOfPayload) {
        size = sizeOfPayload;
        return this;
    }

    /** The type says that the number of subtasks does not show in the answer. */
    public TaskTypeKit sameAnswerHoweverSplit() {
        sameAnswerHoweverSplit = true;
        return this;
    }

    /** @throws AssertionError for the first thing that is wrong */
    public void check() {
        List<ObjectNode> examples = type.exampleParams();
        if (examples.isEmpty()) {
            throw new AssertionError("task type " + type.name() + " has no example params; expected at least one");
        }
        new ParamsCheck(type).check();
        for (ObjectNode params : examples) {
            Trial trial = new Trial(type, params, seed);
            new SplitCheck(trial, size).check();
            new ProcessCheck(trial).check();
            fold(trial, combiner(trial));
        }
    }

    private static Combiner<?> combiner(Trial trial) {
        try {
            return trial.type().combiner(trial.params());
        } catch (InvalidParamsException e) {
            throw trial.wrong("combiner refuses params that split takes", e);
        }
    }

    /** Gives the accumulator's type a name. */
    private <A> void fold(Trial trial, Combiner<A> combiner) {
        FoldCheck<A> check = new FoldCheck<>(trial, combiner, rounds);
        check.check();
        if (sameAnswerHoweverSplit) {
            check.checkOtherSplits();
        }
    }
}
