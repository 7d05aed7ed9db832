package io.divvy.task.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of a type's examples under trial. */
record Trial(TaskType type, ObjectNode params, long seed) {
    /** All results of an example are kept, and folded again and again. */
    private static final long MAX_SUBTASKS = 10_000;

    /** Numbers are read as server and workers read them. */
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** The type must not change its params; each call gets a copy, so that nobody can tell if it does. */
    Subtasks split(@Nullable Long subtasks) {
        try {
            return type.split(params.deepCopy(), subtasks);
        } catch (InvalidParamsException e) {
            throw wrong("split into " + (subtasks == null ? "the type's choice" : subtasks) + " refuses an example", e);
        }
    }

    /** The result of each subtask, as it comes out of a message. */
    List<JsonNode> results(Subtasks subtasks) {
        if (subtasks.count() > MAX_SUBTASKS) {
            throw wrong("the example has " + subtasks.count() + " subtasks; expected at most " + MAX_SUBTASKS
                    + ", as the kit does them all");
        }
        List<JsonNode> results = new ArrayList<>();
        for (long index = 0; index < subtasks.count(); index++) {
            results.add(overTheWire(process(subtasks.payload(index), index)));
        }
        return results;
    }

    JsonNode process(JsonNode payload, long index) {
        JsonNode result;
        try {
            result = type.process(payload, new Undisturbed(index));
        } catch (Exception e) {
            throw wrong("process of subtask " + index + " failed for its payload " + shown(payload), e);
        }
        if (result == null) {
            throw wrong("process of subtask " + index + " gave no result; expected a JSON value, if only a NullNode");
        }
        return result;
    }

    /** The value written as JSON and read again. */
    JsonNode overTheWire(JsonNode value) {
        String text = value.toString();
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw wrong("what is written as " + shown(value) + " cannot be read as JSON", e);
        }
    }

    AssertionError wrong(String what) {
        return new AssertionError(
                "task type " + type.name() + ", params " + shown(params) + ", seed " + seed + ": " + what);
    }

    AssertionError wrong(String what, Throwable cause) {
        AssertionError error = wrong(what + ": " + cause);
        error.initCause(cause);
        return error;
    }

    static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    /** @param index of the subtask */
    record Undisturbed(long index) implements TaskContext {
        @Override
        public void checkCancelled() {}
    }
}
