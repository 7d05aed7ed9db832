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
        @Nullable JsonNode result,
        @Nullable String resultAt,
        List<List<Long>> failedRanges,
        @Nullable TaskError error,
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
        public @Nullable JsonNode result;
        public @Nullable String resultAt;
        public List<List<Long>> failedRanges = List.of();
        public @Nullable TaskError error;
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
                    result,
                    resultAt,
                    failedRanges,
                    error,
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
                newResult,
                newResultAt,
                failedRanges,
                error,
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
        String resultAt =
                object.hasNonNull("result_at") ? object.get("result_at").asText() : null;
        return new TaskView(
                object.path("id").asText(),
                object.hasNonNull("alias") ? object.get("alias").asText() : null,
                object.path("type").asText(),
                object.hasNonNull("name") ? object.get("name").asText() : null,
                labels,
                state,
                Progress.read(object.path("progress")),
                object.path("retries").asLong(),
                object.path("duplicates").asLong(),
                object.path("priority").asInt(),
                object.path("paused").asBoolean(),
                state.equals("completed") && resultAt == null ? object.get("result") : null,
                resultAt,
                failedRanges,
                object.hasNonNull("error") ? TaskError.read(object.get("error")) : null,
                Instant.parse(object.path("submitted_at").asText()),
                instant(object.get("not_before")),
                instant(object.get("started_at")),
                instant(object.get("finished_at")));
    }

    private static @Nullable Instant instant(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : Instant.parse(value.asText());
    }

    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
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
        json.writeFieldName("result");
        if (result == null) {
            json.writeNull();
        } else {
            Json.write(json, result);
        }
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
        json.writeStringField("submitted_at", timestamp(submittedAt));
        json.writeStringField("not_before", timestamp(notBefore));
        json.writeStringField("started_at", timestamp(startedAt));
        json.writeStringField("finished_at", timestamp(finishedAt));
        json.writeEndObject();
    }

    /** RFC 3339, UTC, milliseconds. */
    static @Nullable String timestamp(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
