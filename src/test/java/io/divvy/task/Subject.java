package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** A task type under test, done here from params to answer. */
public record Subject(TaskType type) {
    /** @param params as JSON */
    public JsonNode answer(String params, @Nullable Long subtasks) throws Exception {
        ObjectNode object = JsonText.object(params);
        return answer(type.combiner(object), type.split(object, subtasks));
    }

    private <A> JsonNode answer(Combiner<A> combiner, Subtasks subtasks) throws Exception {
        A accumulator = combiner.empty();
        for (long index = 0; index < subtasks.count(); index++) {
            accumulator = combiner.add(accumulator, process(subtasks.payload(index)));
        }
        return combiner.finish(accumulator);
    }

    public JsonNode process(JsonNode payload) throws Exception {
        return type.process(payload, UNDISTURBED);
    }

    /** @param payload as JSON */
    public JsonNode process(String payload) throws Exception {
        return process(JsonText.object(payload));
    }

    /** What a subtask knows that nobody cancels. */
    public static final TaskContext UNDISTURBED = new TaskContext() {
        @Override
        public long index() {
            return 0;
        }

        @Override
        public void checkCancelled() {}
    };

    /** What split has against the params. */
    public String complaint(String params) {
        try {
            type.split(JsonText.object(params), null);
        } catch (InvalidParamsException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("split takes " + params);
    }
}
