package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Why a task failed.
 *
 * @param code {@code subtask_failed}, {@code subtask_poisonous}, {@code timeout}, {@code task_type_failed}, {@code
 *     limit_exceeded} or {@code internal}
 * @param subtask the index that was out of attempts, or null
 * @param worker the name of the worker that had it last, or null
 * @param attempts how often it was tried, or null
 */
public record TaskError(
        String code,
        String message,
        @Nullable Long subtask,
        @Nullable String worker,
        @Nullable Integer attempts) {

    public TaskError {
        message = ErrorText.bounded(message);
    }

    static TaskError read(JsonNode object) {
        return new TaskError(
                object.path("code").asText(),
                object.path("message").asText(),
                object.hasNonNull("subtask") ? object.get("subtask").longValue() : null,
                object.hasNonNull("worker") ? object.get("worker").asText() : null,
                object.hasNonNull("attempts") ? object.get("attempts").intValue() : null);
    }

    void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("code", code);
        json.writeStringField("message", message);
        if (subtask != null) {
            json.writeNumberField("subtask", subtask);
        }
        if (worker != null) {
            json.writeStringField("worker", worker);
        }
        if (attempts != null) {
            json.writeNumberField("attempts", attempts);
        }
        json.writeEndObject();
    }
}
