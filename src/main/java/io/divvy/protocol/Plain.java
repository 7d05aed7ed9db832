package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** The messages of dialect 1, which the clients of the original system speak. */
public sealed interface Plain extends Message {
    /** The one task type of this dialect. */
    String TASK_TYPE = "sum_of_squares";

    Pattern TASK_ID = Pattern.compile(ProtocolLimits.TASK_ID_PATTERN);

    /** What a sender submits: the sum of squares from {@code start} to {@code end}, both included. */
    record Task(String taskId, BigInteger start, BigInteger end, long subtasks) implements Plain {
        public static Task read(byte[] bytes, int offset, int length) throws ProtocolException {
            Fields fields = new Fields(Json.readMessage(bytes, offset, length), "", ErrorCode.INVALID_TASK);
            String id = fields.text("task_id", TASK_ID);
            String expected = "[start, end], two whole numbers, both included";
            JsonNode range = fields.required("range", expected);
            if (!range.isArray()
                    || range.size() != 2
                    || !range.get(0).isIntegralNumber()
                    || !range.get(1).isIntegralNumber()) {
                throw fields.wrong("range", expected, range);
            }
            return new Task(
                    id,
                    range.get(0).bigIntegerValue(),
                    range.get(1).bigIntegerValue(),
                    fields.wholeNumber("num_subtasks", 1, TaskObject.MAX_SUBTASKS));
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("task_id", taskId);
            json.writeArrayFieldStart("range");
            json.writeNumber(start);
            json.writeNumber(end);
            json.writeEndArray();
            json.writeNumberField("num_subtasks", subtasks);
            json.writeEndObject();
        }
    }

    /** What a worker answers. */
    record SubtaskResult(String taskId, long subtaskIndex, JsonNode result) implements Plain {
        public static SubtaskResult read(byte[] bytes, int offset, int length) throws ProtocolException {
            ObjectNode object = Json.readMessage(bytes, offset, length);
            Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
            String id = fields.text("task_id", TASK_ID);
            long index = fields.wholeNumber("subtask_index", 0, TaskObject.MAX_SUBTASKS);
            if (!object.has("result")) {
                throw new ProtocolException(ErrorCode.BAD_MESSAGE, "result: missing; expected the subtask's result");
            }
            return new SubtaskResult(id, index, object.get("result"));
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("task_id", taskId);
            json.writeNumberField("subtask_index", subtaskIndex);
            json.writeFieldName("result");
            Json.write(json, result);
            json.writeEndObject();
        }
    }

    /** What a worker gets. */
    record TaskAvailable(String taskId, long subtaskIndex, BigInteger start, BigInteger end) implements Plain {
        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("status", "task_available");
            json.writeObjectFieldStart("subtask");
            json.writeStringField("task_id", taskId);
            json.writeNumberField("subtask_index", subtaskIndex);
            json.writeArrayFieldStart("range");
            json.writeNumber(start);
            json.writeNumber(end);
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
        }
    }

    record NoTask() implements Plain {
        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("status", "no_task");
            json.writeEndObject();
        }
    }

    record Completed(JsonNode result) implements Plain {
        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("status", "completed");
            json.writeFieldName("result");
            Json.write(json, result);
            json.writeEndObject();
        }
    }

    record Failed(String error) implements Plain {
        public Failed {
            error = ErrorText.bounded(error);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("status", "failed");
            json.writeStringField("error", error);
            json.writeEndObject();
        }
    }
}
