package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol-2 sender sends after its hello. {@code request} is the sender's own number; the answer carries it, and a
 * sender that needs none may leave it out.
 */
public sealed interface FromSender extends Message {
    Pattern TASK_ID = Pattern.compile(ProtocolLimits.TASK_ID_PATTERN);

    void dispatch(Handler handler);

    @Nullable
    Long request();

    /** One method for each kind of message. */
    interface Handler {
        void on(Submit message);

        void on(Status message);

        void on(Attach message);

        void on(Cancel message);
    }

    static FromSender read(byte[] bytes, int offset, int length) throws ProtocolException {
        ObjectNode object = Json.readMessage(bytes, offset, length);
        Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
        Long request = fields.has("request") ? fields.wholeNumber("request", 0, Long.MAX_VALUE) : null;
        try {
            String type = fields.text("type");
            return switch (type) {
                case "submit" -> {
                    JsonNode task = fields.required("task", "the task object");
                    if (!(task instanceof ObjectNode taskObject)) {
                        throw fields.wrong("task", "an object", task);
                    }
                    yield new Submit(request, fields.flag("progress", false), taskObject);
                }
                case "status" -> new Status(request, fields.text("task_id", TASK_ID));
                case "attach" -> new Attach(request, fields.text("task_id", TASK_ID), fields.flag("progress", true));
                case "cancel" -> new Cancel(request, fields.text("task_id", TASK_ID));
                default ->
                    throw new ProtocolException(
                            ErrorCode.BAD_MESSAGE,
                            "type: expected submit, status, attach or cancel, got "
                                    + Json.describe(object.get("type")));
            };
        } catch (ProtocolException e) {
            throw e.answering(request);
        }
    }

    private static void writeTaskRequest(JsonGenerator json, String type, @Nullable Long request, String taskId)
            throws IOException {
        json.writeStringField("type", type);
        if (request != null) {
            json.writeNumberField("request", request);
        }
        json.writeStringField("task_id", taskId);
    }

    /** @param task as it came, not yet checked */
    record Submit(@Nullable Long request, boolean progress, ObjectNode task) implements FromSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "submit");
            if (request != null) {
                json.writeNumberField("request", request);
            }
            json.writeBooleanField("progress", progress);
            json.writeFieldName("task");
            Json.write(json, task);
            json.writeEndObject();
        }
    }

    record Status(@Nullable Long request, String taskId) implements FromSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            writeTaskRequest(json, "status", request, taskId);
            json.writeEndObject();
        }
    }

    record Attach(@Nullable Long request, String taskId, boolean progress) implements FromSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            writeTaskRequest(json, "attach", request, taskId);
            json.writeBooleanField("progress", progress);
            json.writeEndObject();
        }
    }

    record Cancel(@Nullable Long request, String taskId) implements FromSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            writeTaskRequest(json, "cancel", request, taskId);
            json.writeEndObject();
        }
    }
}
