package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of computation that can be shared out. The server calls {@link #split} and {@link #combiner}, a worker calls {@link
 * #process}; a worker that makes its own payloads calls {@link #split} too, so it must give the same everywhere and always.
 *
 * <p>Implementations have no state: all methods may be called by many threads at once. They are found by {@link
 * java.util.ServiceLoader}, so they are public, have a constructor without parameters, and stand in {@code
 * META-INF/services/io.divvy.task.TaskType}. {@link io.divvy.task.testkit.TaskTypeKit} checks that they keep what is asked
 * of them here.
 */
public interface TaskType {
    /** What a task object says as its {@code type}: 1 to 100 of {@code A-Z a-z 0-9 . _ -}. */
    String name();

    /**
     * Splits a computation. Cheap, whatever the size: payloads are made later, one by one.
     *
     * @param params what the sender gave
     * @param subtasks how many the sender wants, or null for the type's choice; where there is less to split, fewer are made
     * @throws InvalidParamsException for params that make no sense; the message reaches the sender
     */
    Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException;

    /**
     * Does one subtask. What it throws is reported as the subtask's failure, and it is tried again.
     *
     * @param payload what {@link Subtasks#payload} made, perhaps written as JSON and read again since
     */
    JsonNode process(JsonNode payload, TaskContext context) throws Exception;

    /**
     * How the results become the answer, where the task does not say so itself.
     *
     * @param params what the sender gave; empty if the task brings its payloads
     * @throws InvalidParamsException for params that {@link #split} refuses too
     */
    Combiner<?> combiner(ObjectNode params) throws InvalidParamsException;

    /**
     * How whole ranges are done at once; null if this type has nothing better than one subtask after the other. Only where
     * the type's combiner {@link Combiner#isExact}.
     */
    default @Nullable RangeFolder rangeFolder() {
        return null;
    }

    /**
     * What the answer is where the task does not say how results are combined: {@code image/png} for {@code
     * {"media_type":"image/png","base64":"…"}}, which is a picture for whoever gets it, and else {@code application/json}.
     */
    default String answerMediaType() {
        return "application/json";
    }

    /** What {@link #split} takes, as a JSON schema of draft 2020-12. For people, and for programs that build forms. */
    default ObjectNode paramsSchema() {
        return JsonText.object("{\"type\":\"object\"}");
    }

    /** Params of small computations, to show and to try: together no more than a second of work. */
    default List<ObjectNode> exampleParams() {
        return List.of();
    }
}
