package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task as everybody sees it: the answer of {@code GET /tasks/<id>} and of a {@code status}. Fields that do not apply are
 * null in JSON, so that every view has the same shape. Made by a {@link Draft}, by name.
 *
 * @param alias the id that its sender chose in dialect 1; it finds the task as {@code id} does
 * @param state {@code queued}, {@code running}, {@code completed}, {@code failed} or {@code cancelled}
 * @param paused whether nothing more of it is started until that changes; false once it ended
 * @param key the idempotency key under which it was submitted
 * @param maxAttempts of each subtask
 * @param subtaskTimeoutMs for one attempt of one subtask; null for none
 * @param timeoutMs for the task; null for none
 * @param onFailure {@code fail} or {@code continue}
 * @param input its params or payloads if they are short, and their size, as {@link TaskInput} writes them; null in a list if
 *     that is long, and for a task that ended under a server that did not keep it
 * @param failureKinds what kinds of failures its subtasks had, each with counts and an example; null if none failed, and in
 *     lists
 * @param notBefore of an unfinished task, when it may begin; null if that was not said
 * @param result set when the task completed; JSON null is a result too
 * @param resultAt set in the place of {@code result} when that is too large for a view: the path at which it is to be had
 * @param failedRanges {@code [from, to]} pairs, {@code to} excluded
 */
public record TaskView(
        String id,
        @Nullable String alias,
        String type,
        @Nullable String name,
        Map<String, String> labels,
        String state,
        Progress progress,
        long retries,
        long duplicates,
        int priority,
        boolean paused,
        @Nullable String key,
        int maxAttempts,
        @Nullable Long subtaskTimeoutMs,
        @Nullable Long timeoutMs,
        String onFailure,
        @Nullable JsonNode input,
        @Nullable JsonNode result,
        @Nullable String resultAt,
        List<List<Long>> failedRanges,
        @Nullable TaskError error,
        @Nullable JsonNode failureKinds,
        Instant submittedAt,
        @Nullable Instant notBefore,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    /** Every state that a task can be in, in the order in which it can come to them. */
    public static final List<String> STATES = List.of("queued", "running", "completed", "failed", "cancelled");

    /** A view that is made up, by name. What is not set does not apply, or is 0. */
    public static final class Draft {
        private final String id;
        private final String type;
        private final String state;
        private final Progress progress;
        private final Instant submittedAt;
        public @Nullable String alias;
        public @Nullable String name;
        public Map<String, String> labels = Map.of();
        public long retries;
        public long duplicates;
        public int priority;
        public boolean paused;
        public @Nullable String key;
        public int maxAttempts;
        public @Nullable Long subtaskTimeoutMs;
        public @Nullable Long timeoutMs;
        public String onFailure = "fail";
        public @Nullable JsonNode input;
        public @Nullable JsonNode result;
        public @Nullable String resultAt;
        public List<List<Long>> failedRanges = List.of();
        public @Nullable TaskError error;
        public @Nullable JsonNode failureKinds;
        public @Nullable Instant notBefore;
        public @Nullable Instant startedAt;
        public @Nullable Instant finishedAt;

        public Draft(String id, String type, String state, Progress progress, Instant submittedAt) {
            this.id = id;
            this.type = type;
            this.state = state;
            this.progress = progress;
            this.submittedAt = submittedAt;
        }

        public TaskView finish() {
            return new TaskView(
                    id,
                    alias,
                    type,
                    name,
                    labels,
                    state,
                    progress,
                    retries,
                    duplicates,
                    priority,
                    paused,
                    key,
                    maxAttempts,
                    subtaskTimeoutMs,
                    timeoutMs,
                    onFailure,
                    input,
                    result,
                    resultAt,
                    failedRanges,
                    error,
                    failureKinds,
                    submittedAt,
                    notBefore,
                    startedAt,
                    finishedAt);
        }
    }

    public boolean isFinished() {
        return finishedAt != null;
    }

    /** The path of the result of a task in the HTTP API. */
    public static String resultPath(String taskId) {
        return "/tasks/" + taskId + "/result";
    }

    /** The same with the place of its result instead of the result, which is too large. */
    public TaskView withoutResult() {
        return withResult(null, result == null ? resultAt : resultPath(id));
    }

    /** The same with another form of its result. */
    public TaskView withResult(JsonNode other) {
        return withResult(other, resultAt);
    }

    private TaskView withResult(@Nullable JsonNode newResult, @Nullable String newResultAt) {
        return new TaskView(
                id,
                alias,
                type,
                name,
                labels,
                state,
                progress,
                retries,
                duplicates,
                priority,
                paused,
                key,
                maxAttempts,
                subtaskTimeoutMs,
                timeoutMs,
                onFailure,
                input,
                newResult,
                newResultAt,
                failedRanges,
                error,
                failureKinds,
                submittedAt,
                notBefore,
                startedAt,
                finishedAt);
    }

    public static TaskView read(ObjectNode object) {
        Map<String, String> labels = new LinkedHashMap<>();
        object.path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        List<List<Long>> failedRanges = new ArrayList<>();
        for (JsonNode range : object.path("failed_ranges")) {
            failedRanges.add(List.of(range.path(0).asLong(), range.path(1).asLong()));
        }
        String state = object.path("state").asText();
        String resultAt = text(object, "result_at");
        return new TaskView(
                object.path("id").asText(),
                text(object, "alias"),
                object.path("type").asText(),
                text(object, "name"),
                labels,
                state,
                Progress.read(object.path("progress")),
                object.path("retries").asLong(),
                object.path("duplicates").asLong(),
                object.path("priority").asInt(),
                object.path("paused").asBoolean(),
                text(object, "key"),
                object.path("max_attempts").asInt(),
                number(object, "subtask_timeout_ms"),
                number(object, "timeout_ms"),
                object.path("on_failure").asText(),
                object.hasNonNull("input") ? object.get("input") : null,
                state.equals("completed") && resultAt == null ? object.get("result") : null,
                resultAt,
                failedRanges,
                object.hasNonNull("error") ? TaskError.read(object.get("error")) : null,
                object.hasNonNull("failure_kinds") ? object.get("failure_kinds") : null,
                Instant.parse(object.path("submitted_at").asText()),
                instant(object.get("not_before")),
                instant(object.get("started_at")),
                instant(object.get("finished_at")));
    }

    private static @Nullable String text(ObjectNode object, String name) {
        return object.hasNonNull(name) ? object.get(name).asText() : null;
    }

    private static @Nullable Long number(ObjectNode object, String name) {
        return object.hasNonNull(name) ? object.get(name).longValue() : null;
    }

    private static @Nullable Instant instant(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : Instant.parse(value.asText());
    }

    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        writeFieldsTo(json);
        json.writeEndObject();
    }

    /** Of an object that has other fields too. */
    public void writeFieldsTo(JsonGenerator json) throws IOException {
        json.writeStringField("id", id);
        json.writeStringField("alias", alias);
        json.writeStringField("type", type);
        json.writeStringField("name", name);
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : labels.entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
        json.writeStringField("state", state);
        json.writeObjectFieldStart("progress");
        progress.writeFieldsTo(json);
        json.writeEndObject();
        json.writeNumberField("retries", retries);
        json.writeNumberField("duplicates", duplicates);
        json.writeNumberField("priority", priority);
        json.writeBooleanField("paused", paused);
        json.writeStringField("key", key);
        json.writeNumberField("max_attempts", maxAttempts);
        TaskObject.writeNumber(json, "subtask_timeout_ms", subtaskTimeoutMs);
        TaskObject.writeNumber(json, "timeout_ms", timeoutMs);
        json.writeStringField("on_failure", onFailure);
        writeNode(json, "input", input);
        writeNode(json, "result", result);
        json.writeStringField("result_at", resultAt);
        json.writeArrayFieldStart("failed_ranges");
        for (List<Long> range : failedRanges) {
            json.writeStartArray();
            json.writeNumber(range.get(0));
            json.writeNumber(range.get(1));
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeFieldName("error");
        if (error == null) {
            json.writeNull();
        } else {
            error.writeTo(json);
        }
        writeNode(json, "failure_kinds", failureKinds);
        json.writeStringField("submitted_at", timestamp(submittedAt));
        json.writeStringField("not_before", timestamp(notBefore));
        json.writeStringField("started_at", timestamp(startedAt));
        json.writeStringField("finished_at", timestamp(finishedAt));
    }

    private static void writeNode(JsonGenerator json, String name, @Nullable JsonNode value) throws IOException {
        json.writeFieldName(name);
        if (value == null) {
            json.writeNull();
        } else {
            Json.write(json, value);
        }
    }

    /** RFC 3339, UTC, milliseconds. */
    static @Nullable String timestamp(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
