package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a task was to compute, as its view shows it: its params or its payloads, if they are short, their size, and how they
 * are split and combined. Short whatever was submitted, so it is kept when the task has ended.
 */
public final class TaskInput {
    /** What is shorter is measured when it is asked for. */
    private static final int TRIFLE_BYTES = 512;

    private static final byte[] NO_PARAMS = "{}".getBytes(StandardCharsets.UTF_8);

    private TaskInput() {}

    /**
     * How long the params or payloads of a task are as text.
     *
     * @param objectBytes of {@link TaskObject#toJson}
     * @return 0 for what is short
     */
    public static int bytes(TaskObject task, int objectBytes) {
        return objectBytes <= TRIFLE_BYTES ? 0 : objectBytes - task.otherBytes();
    }

    /** @param bytes what {@link #bytes} gave, or 0 if that is not known */
    public static byte[] write(TaskObject task, int bytes) {
        List<JsonNode> payloads = task.payloads();
        byte[] text = bytes <= ProtocolLimits.MAX_SHOWN_INPUT_BYTES ? text(task) : null;
        long textBytes = text == null ? bytes : text.length;
        byte[] shown = textBytes <= ProtocolLimits.MAX_SHOWN_INPUT_BYTES ? text : null;
        CombineMode combine = task.combine();
        return Json.text(0, json -> {
            json.writeStartObject();
            writeText(json, "params", payloads == null ? shown : null);
            TaskObject.writeNumber(json, "params_bytes", payloads == null ? textBytes : null);
            TaskObject.writeNumber(json, "payloads", payloads == null ? null : (Long) (long) payloads.size());
            TaskObject.writeNumber(json, "payloads_bytes", payloads == null ? null : textBytes);
            writeText(json, "payload_list", payloads == null ? null : shown);
            TaskObject.writeNumber(json, "subtasks", task.subtasks());
            json.writeStringField(
                    "combine", combine == null ? null : combine.name().toLowerCase(Locale.ROOT));
            json.writeEndObject();
        });
    }

    private static void writeText(JsonGenerator json, String name, byte @Nullable [] text) throws IOException {
        json.writeFieldName(name);
        if (text == null) {
            json.writeNull();
        } else {
            Json.writeWritten(json, text);
        }
    }

    private static byte[] text(TaskObject task) {
        return task.payloads() == null && task.params().isEmpty() ? NO_PARAMS : Json.text(0, task::writeInput);
    }
}
