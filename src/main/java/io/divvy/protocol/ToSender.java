package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a protocol-2 sender gets. */
public sealed interface ToSender extends Message
        permits Welcome,
                ServerHeartbeat,
                ErrorMessage,
                ToSender.Accepted,
                ToSender.ProgressReport,
                ToSender.Completed,
                ToSender.Failed,
                ToSender.Cancelled,
                ToSender.Task,
                ToSender.Unknown {

    void dispatch(Handler handler);

    /** One method for each kind of message. */
    interface Handler {
        void on(Welcome message);

        void on(ServerHeartbeat message);

        void on(ErrorMessage message);

        void on(Accepted message);

        void on(ProgressReport message);

        void on(Completed message);

        void on(Failed message);

        void on(Cancelled message);

        void on(Task message);

        void on(Unknown message);
    }

    static ToSender read(byte[] bytes, int offset, int length) throws ProtocolException {
        ObjectNode object = Json.readObject(bytes, offset, length);
        Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
        String type = fields.text("type");
        Long request = object.hasNonNull("request") ? object.get("request").longValue() : null;
        return switch (type) {
            case "welcome" -> Welcome.read(object);
            case "heartbeat" -> new ServerHeartbeat();
            case "error" -> ErrorMessage.read(object);
            case "accepted" ->
                new Accepted(request, fields.text("task_id"), fields.wholeNumber("subtasks", 0, Long.MAX_VALUE));
            case "progress" -> new ProgressReport(fields.text("task_id"), Progress.read(object));
            case "completed" ->
                new Completed(
                        fields.text("task_id"),
                        object.has("result") ? object.get("result") : NullNode.getInstance(),
                        resultAt(object));
            case "failed" -> new Failed(fields.text("task_id"), TaskError.read(object.path("error")));
            case "cancelled" -> new Cancelled(fields.text("task_id"));
            case "task" -> {
                if (!(object.get("task") instanceof ObjectNode view)) {
                    throw new ProtocolException(ErrorCode.BAD_MESSAGE, "task: expected the view of a task");
                }
                yield new Task(request, TaskView.read(view));
            }
            default -> new Unknown(type);
        };
    }

    private static @Nullable String resultAt(ObjectNode object) {
        return object.hasNonNull("result_at") ? object.get("result_at").asText() : null;
    }

    /** The task is durable. Comes before everything else about it. */
    record Accepted(@Nullable Long request, String taskId, long subtasks) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "accepted");
            if (request != null) {
                json.writeNumberField("request", request);
            }
            json.writeStringField("task_id", taskId);
            json.writeNumberField("subtasks", subtasks);
            json.writeEndObject();
        }
    }

    record ProgressReport(String taskId, Progress progress) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "progress");
            json.writeStringField("task_id", taskId);
            progress.writeFieldsTo(json);
            json.writeEndObject();
        }
    }

    /** @param resultAt where the result is to be had when it is larger than a frame; then {@code result} is null */
    record Completed(
            String taskId, JsonNode result, @Nullable String resultAt) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "completed");
            json.writeStringField("task_id", taskId);
            if (resultAt == null) {
                json.writeFieldName("result");
                Json.write(json, result);
            } else {
                json.writeStringField("result_at", resultAt);
            }
            json.writeEndObject();
        }
    }

    record Failed(String taskId, TaskError error) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "failed");
            json.writeStringField("task_id", taskId);
            json.writeFieldName("error");
            error.writeTo(json);
            json.writeEndObject();
        }
    }

    record Cancelled(String taskId) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "cancelled");
            json.writeStringField("task_id", taskId);
            json.writeEndObject();
        }
    }

    /** Answers a status and an attach. */
    record Task(@Nullable Long request, TaskView view) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "task");
            if (request != null) {
                json.writeNumberField("request", request);
            }
            json.writeFieldName("task");
            view.writeTo(json);
            json.writeEndObject();
        }
    }

    /** A message of a later version, to be ignored. */
    record Unknown(String type) implements ToSender {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) {
            throw new UnsupportedOperationException("only read, never written: " + type);
        }
    }
}
