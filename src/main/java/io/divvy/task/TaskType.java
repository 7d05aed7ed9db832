package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A kind of computation that can be shared out. The server calls {@link #split} and {@link #combiner}, a worker calls {@link
 * #process}; a worker that makes its own payloads calls {@link #split} too, so it must give the same everywhere and always.
 *
 * <p>Implementations have no state: all methods may be called by many threads at once.
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
     * @param payload what {@link Subtasks#payload} made
     */
    JsonNode process(JsonNode payload, TaskContext context) throws Exception;

    /** How the results become the answer, where the task does not say so itself. */
    Combiner<?> combiner();

    /** What {@link #split} takes, as a JSON schema of draft 2020-12. For people, and for programs that build forms. */
    default ObjectNode paramsSchema() {
        return JsonNodeFactory.instance.objectNode().put("type", "object");
    }
}
