package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is submitted, checked and with its defaults: the body of {@code POST /tasks} and the {@code task} of a {@code
 * submit}, field for field. An unknown field is an error, so that a misspelt one is not silent.
 *
 * @param payloads the subtasks themselves, or null if {@code params} are to be split
 * @param combine null for the type's own
 * @param subtasks how many to split into; null for the type's choice
 * @param subtaskTimeoutMs null for none
 * @param timeoutMs null for none
 * @param paused whether it is accepted as a task that is paused
 * @param notBefore nothing of it is started earlier; null for none
 */
public record TaskObject(
        String type,
        ObjectNode params,
        @Nullable List<JsonNode> payloads,
        @Nullable CombineMode combine,
        @Nullable Long subtasks,
        int priority,
        int maxAttempts,
        @Nullable Long subtaskTimeoutMs,
        @Nullable Long timeoutMs,
        OnFailure onFailure,
        @Nullable String key,
        @Nullable String name,
        Map<String, String> labels,
        boolean paused,
        @Nullable Instant notBefore) {

    /** Keeps counts exact in languages whose numbers are doubles. */
    public static final long MAX_SUBTASKS = 1_000_000_000_000_000L;

    static final int MAX_PRIORITY = 1_000_000;
    private static final int MAX_ATTEMPTS = 1_000;
    private static final int DEFAULT_ATTEMPTS = 3;
    /** A year: what is longer is a mistake. */
    /** Of a task and of one attempt of a subtask. */
    public static final long MAX_TIMEOUT_MS = 366L * 24 * 3600 * 1000;

    /** What {@link OffsetDateTime} reads is more: years of any length, times without seconds. */
    private static final Pattern RFC_3339 =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})");

    private static final Pattern TYPE = Pattern.compile(ProtocolLimits.TASK_TYPE_PATTERN);
    private static final List<String> FIELDS = List.of(
            "type",
            "params",
            "payloads",
            "combine",
            "subtasks",
            "priority",
            "max_attempts",
            "subtask_timeout_ms",
            "timeout_ms",
            "on_failure",
            "key",
            "name",
            "labels",
            "paused",
            "not_before");

    /** What happens when a subtask is out of attempts. */
    public enum OnFailure {
        FAIL,
        CONTINUE
    }

    public static TaskObject read(ObjectNode object) throws ProtocolException {
        Fields fields = new Fields(object, "task.", ErrorCode.INVALID_TASK);
        fields.requireOnly(FIELDS);
        String type = fields.text("type", TYPE);
        List<JsonNode> payloads = readPayloads(fields);
        ObjectNode params = fields.optionalObject("params");
        Long subtasks = fields.has("subtasks") ? fields.wholeNumber("subtasks", 1, MAX_SUBTASKS) : null;
        if (payloads != null && (params != null || subtasks != null)) {
            throw new ProtocolException(
                    ErrorCode.INVALID_TASK,
                    "task.payloads: expected no params and no subtasks beside it, which say how to make payloads");
        }
        OnFailure onFailure = fields.choice("on_failure", OnFailure.class);
        return new TaskObject(
                type,
                params == null ? Json.MAPPER.createObjectNode() : params,
                payloads,
                fields.choice("combine", CombineMode.class),
                subtasks,
                (int) fields.wholeNumber("priority", -MAX_PRIORITY, MAX_PRIORITY, 0),
                (int) fields.wholeNumber("max_attempts", 1, MAX_ATTEMPTS, DEFAULT_ATTEMPTS),
                timeout(fields, "subtask_timeout_ms"),
                timeout(fields, "timeout_ms"),
                onFailure == null ? OnFailure.FAIL : onFailure,
                fields.optionalText("key", ProtocolLimits.MAX_NAME_CHARS),
                fields.optionalText("name", ProtocolLimits.MAX_NAME_CHARS),
                readLabels(fields),
                fields.flag("paused", false),
                readNotBefore(fields));
    }

    private static @Nullable Instant readNotBefore(Fields fields) throws ProtocolException {
        JsonNode value = fields.any("not_before");
        if (value == null) {
            return null;
        }
        try {
            if (value.isTextual() && RFC_3339.matcher(value.textValue()).matches()) {
                return OffsetDateTime.parse(value.textValue()).toInstant().truncatedTo(ChronoUnit.MILLIS);
            }
        } catch (DateTimeParseException e) {
            // Such as the 31st of February: what is expected is said below.
        }
        throw fields.wrong("not_before", "a time of RFC 3339, for instance \"2026-11-24T08:00:00Z\"", value);
    }

    /** About how much memory its params, its payloads and its texts take. */
    public long sizeBytes() {
        long bytes = TreeSize.of(params) + TreeSize.of(type) + TreeSize.of(key) + TreeSize.of(name);
        if (payloads != null) {
            for (JsonNode payload : payloads) {
                bytes += TreeSize.ofElement(payload);
            }
        }
        return bytes + sizeOfLabels(labels);
    }

    /** About how much memory labels take. */
    public static long sizeOfLabels(Map<String, String> labels) {
        long bytes = 0;
        for (Map.Entry<String, String> label : labels.entrySet()) {
            bytes += TreeSize.FIELD + TreeSize.of(label.getKey()) + TreeSize.of(label.getValue());
        }
        return bytes;
    }

    /** As JSON text that {@link #read} gives the same task for. */
    public byte[] toJson() {
        return Json.text(0, json -> {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeFieldName(payloads == null ? "params" : "payloads");
            writeInput(json);
            writeRest(json);
        });
    }

    /** How much of {@link #toJson} is neither params nor payloads. */
    int otherBytes() {
        byte[] text = Json.text(0, json -> {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeFieldName(payloads == null ? "params" : "payloads");
            json.writeNumber(1);
            writeRest(json);
        });
        return text.length - 1;
    }

    /** Its params, or an array of its payloads. */
    void writeInput(JsonGenerator json) throws IOException {
        if (payloads == null) {
            Json.write(json, params);
            return;
        }
        json.writeStartArray();
        for (JsonNode payload : payloads) {
            Json.write(json, payload);
        }
        json.writeEndArray();
    }

    private void writeRest(JsonGenerator json) throws IOException {
        if (combine != null) {
            json.writeStringField("combine", combine.name().toLowerCase(Locale.ROOT));
        }
        writeNumber(json, "subtasks", subtasks);
        json.writeNumberField("priority", priority);
        json.writeNumberField("max_attempts", maxAttempts);
        writeNumber(json, "subtask_timeout_ms", subtaskTimeoutMs);
        writeNumber(json, "timeout_ms", timeoutMs);
        json.writeStringField("on_failure", onFailure.name().toLowerCase(Locale.ROOT));
        json.writeStringField("key", key);
        json.writeStringField("name", name);
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : labels.entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
        if (paused) {
            json.writeBooleanField("paused", true);
        }
        if (notBefore != null) {
            json.writeStringField("not_before", notBefore.toString());
        }
        json.writeEndObject();
    }

    static void writeNumber(JsonGenerator json, String name, @Nullable Long value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    /** The same task under a key. */
    public TaskObject withKey(String newKey) {
        return with(newKey, labels);
    }

    /** The same task with other labels, if there are others. */
    public TaskObject withLabels(@Nullable Map<String, String> others) {
        return others == null ? this : with(key, others);
    }

    private TaskObject with(@Nullable String newKey, Map<String, String> newLabels) {
        return new TaskObject(
                type,
                params,
                payloads,
                combine,
                subtasks,
                priority,
                maxAttempts,
                subtaskTimeoutMs,
                timeoutMs,
                onFailure,
                newKey,
                name,
                newLabels,
                paused,
                notBefore);
    }

    /**
     * Equal for two submissions of the same task: all but key, name and labels, and when it is to begin, after defaults.
     *
     * @param count how many subtasks the task has, which for one that does not say so is its type's default
     */
    public String fingerprint(long count) {
        ObjectNode same = Json.MAPPER.createObjectNode();
        same.put("type", type);
        same.set("params", params);
        if (payloads != null) {
            same.putArray("payloads").addAll(payloads);
        }
        same.put("combine", combine == null ? "" : combine.name());
        same.put("subtasks", count);
        same.put("priority", priority);
        same.put("max_attempts", maxAttempts);
        same.put("subtask_timeout_ms", subtaskTimeoutMs);
        same.put("timeout_ms", timeoutMs);
        same.put("on_failure", onFailure.name());
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(Json.canonical(same).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static @Nullable Long timeout(Fields fields, String name) throws ProtocolException {
        return fields.has(name) ? fields.wholeNumber(name, 1, MAX_TIMEOUT_MS) : null;
    }

    private static @Nullable List<JsonNode> readPayloads(Fields fields) throws ProtocolException {
        JsonNode value = fields.any("payloads");
        if (value == null) {
            return null;
        }
        if (!value.isArray()) {
            throw fields.wrong("payloads", "an array of payloads, one for each subtask", value);
        }
        List<JsonNode> payloads = new ArrayList<>(value.size());
        value.forEach(payloads::add);
        return payloads;
    }

    /** Empty where there are none. */
    static Map<String, String> readLabels(Fields fields) throws ProtocolException {
        ObjectNode object = fields.optionalObject("labels");
        Map<String, String> labels = new LinkedHashMap<>();
        if (object != null) {
            String expected = "an object of at most " + ProtocolLimits.MAX_LABELS
                    + " strings of at most " + ProtocolLimits.MAX_NAME_CHARS + " characters, under names of 1 to "
                    + ProtocolLimits.MAX_NAME_CHARS;
            for (Map.Entry<String, JsonNode> label : object.properties()) {
                JsonNode value = label.getValue();
                if (!value.isTextual()
                        || label.getKey().isEmpty()
                        || label.getKey().length() > ProtocolLimits.MAX_NAME_CHARS
                        || value.textValue().length() > ProtocolLimits.MAX_NAME_CHARS
                        || object.size() > ProtocolLimits.MAX_LABELS) {
                    throw fields.wrong("labels", expected, object);
                }
                labels.put(label.getKey(), value.textValue());
            }
        }
        return labels;
    }
}
