package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a protocol-2 worker gets. */
public sealed interface ToWorker extends Message
        permits Welcome,
                ServerHeartbeat,
                ErrorMessage,
                ToWorker.TaskDescription,
                ToWorker.Assign,
                ToWorker.Ack,
                ToWorker.Revoke,
                ToWorker.CancelLease,
                ToWorker.Cancel,
                ToWorker.Forget,
                ToWorker.GoAway,
                ToWorker.Unknown {

    void dispatch(Handler handler);

    /** One method for each kind of message. */
    interface Handler {
        void on(Welcome message);

        void on(ServerHeartbeat message);

        void on(ErrorMessage message);

        void on(TaskDescription message);

        void on(Assign message);

        void on(Ack message);

        void on(Revoke message);

        void on(CancelLease message);

        void on(Cancel message);

        void on(Forget message);

        void on(GoAway message);

        void on(Unknown message);
    }

    static ToWorker read(byte[] bytes, int offset, int length) throws ProtocolException {
        ObjectNode object = Json.readObject(bytes, offset, length);
        Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
        String type = fields.text("type");
        return switch (type) {
            case "welcome" -> Welcome.read(object);
            case "heartbeat" -> new ServerHeartbeat();
            case "error" -> ErrorMessage.read(object);
            case "task" -> TaskDescription.read(fields);
            case "assign" -> Assign.read(fields);
            case "ack" -> Ack.read(fields);
            case "revoke" ->
                new Revoke(
                        fields.wholeNumber("lease", 0, Long.MAX_VALUE), fields.wholeNumber("from", 0, Long.MAX_VALUE));
            case "cancel_lease" -> new CancelLease(fields.wholeNumber("lease", 0, Long.MAX_VALUE));
            case "cancel" -> new Cancel(fields.text("task_id"));
            case "forget" -> new Forget(fields.text("task_id"));
            case "goaway" -> new GoAway(fields.flag("reconnect", true));
            default -> new Unknown(type);
        };
    }

    /**
     * Comes once before a task's first lease.
     *
     * @param subtasks how many the task has
     * @param chunk indexes per chunk
     * @param fold whether the worker may answer a part of a lease folded to one result
     * @param subtaskTimeoutMs for one attempt of one subtask, enforced by the worker, or null
     */
    record TaskDescription(
            String taskId,
            String taskType,
            ObjectNode params,
            long subtasks,
            long chunk,
            boolean fold,
            @Nullable Long subtaskTimeoutMs)
            implements ToWorker {

        /** A description that is made up, by name. */
        public static final class Draft {
            private final String taskId;
            private final String taskType;
            private final ObjectNode params;
            public long subtasks;
            public long chunk;
            public boolean fold;
            public @Nullable Long subtaskTimeoutMs;

            public Draft(String taskId, String taskType, ObjectNode params) {
                this.taskId = taskId;
                this.taskType = taskType;
                this.params = params;
            }

            public TaskDescription finish() {
                return new TaskDescription(taskId, taskType, params, subtasks, chunk, fold, subtaskTimeoutMs);
            }
        }

        private static TaskDescription read(Fields fields) throws ProtocolException {
            ObjectNode params = fields.optionalObject("params");
            return new TaskDescription(
                    fields.text("task_id"),
                    fields.text("task_type"),
                    params == null ? Json.MAPPER.createObjectNode() : params,
                    fields.wholeNumber("subtasks", 1, Long.MAX_VALUE),
                    fields.wholeNumber("chunk", 1, Long.MAX_VALUE),
                    fields.flag("fold", false),
                    fields.has("subtask_timeout_ms")
                            ? fields.wholeNumber("subtask_timeout_ms", 1, Long.MAX_VALUE)
                            : null);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "task");
            json.writeStringField("task_id", taskId);
            json.writeStringField("task_type", taskType);
            json.writeFieldName("params");
            Json.write(json, params);
            json.writeNumberField("subtasks", subtasks);
            json.writeNumberField("chunk", chunk);
            json.writeBooleanField("fold", fold);
            if (subtaskTimeoutMs != null) {
                json.writeNumberField("subtask_timeout_ms", subtaskTimeoutMs);
            }
            json.writeEndObject();
        }
    }

    /** @param payloads one for each index, or null for a type that the worker derives */
    record Assign(
            long lease,
            String taskId,
            long from,
            long to,
            @Nullable PayloadArray payloads) implements ToWorker {

        private static Assign read(Fields fields) throws ProtocolException {
            long from = fields.wholeNumber("from", 0, Long.MAX_VALUE);
            long to = fields.wholeNumber("to", from + 1, Long.MAX_VALUE);
            JsonNode payloads = fields.any("payloads");
            if (payloads != null && (!payloads.isArray() || payloads.size() != to - from)) {
                throw fields.wrong("payloads", "an array of " + (to - from) + " entries", payloads);
            }
            return new Assign(
                    fields.wholeNumber("lease", 0, Long.MAX_VALUE),
                    fields.text("task_id"),
                    from,
                    to,
                    payloads == null ? null : PayloadArray.of(payloads));
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "assign");
            json.writeNumberField("lease", lease);
            json.writeStringField("task_id", taskId);
            json.writeNumberField("from", from);
            json.writeNumberField("to", to);
            if (payloads != null) {
                json.writeFieldName("payloads");
                payloads.writeTo(json);
            }
            json.writeEndObject();
        }
    }

    /** The payloads of a lease: written out already where they are sent, read where they arrive. */
    interface PayloadArray {
        void writeTo(JsonGenerator json) throws IOException;

        List<JsonNode> toList();

        static PayloadArray of(JsonNode array) {
            List<JsonNode> payloads = new ArrayList<>(array.size());
            array.forEach(payloads::add);
            return new PayloadArray() {
                @Override
                public void writeTo(JsonGenerator json) throws IOException {
                    Json.write(json, array);
                }

                @Override
                public List<JsonNode> toList() {
                    return payloads;
                }
            };
        }
    }

    /**
     * These answers need not be kept: they are durable, or were of no use.
     *
     * @param lease that they answered, or null for an offer, which has {@code taskId} instead
     */
    record Ack(@Nullable Long lease, @Nullable String taskId, long from, long to) implements ToWorker {

        private static Ack read(Fields fields) throws ProtocolException {
            return new Ack(
                    fields.has("lease") ? fields.wholeNumber("lease", 0, Long.MAX_VALUE) : null,
                    fields.has("task_id") ? fields.text("task_id") : null,
                    fields.wholeNumber("from", 0, Long.MAX_VALUE),
                    fields.wholeNumber("to", 0, Long.MAX_VALUE));
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "ack");
            if (lease != null) {
                json.writeNumberField("lease", lease);
            }
            if (taskId != null) {
                json.writeStringField("task_id", taskId);
            }
            json.writeNumberField("from", from);
            json.writeNumberField("to", to);
            json.writeEndObject();
        }
    }

    /** Do not start these; answered by {@code released}. */
    record Revoke(long lease, long from) implements ToWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "revoke");
            json.writeNumberField("lease", lease);
            json.writeNumberField("from", from);
            json.writeEndObject();
        }
    }

    /** Stop the lease, also what runs of it; answered by {@code released} once nothing of it does. */
    record CancelLease(long lease) implements ToWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "cancel_lease");
            json.writeNumberField("lease", lease);
            json.writeEndObject();
        }
    }

    /** Stop the task, also what runs of it. */
    record Cancel(String taskId) implements ToWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "cancel");
            json.writeStringField("task_id", taskId);
            json.writeEndObject();
        }
    }

    /** The task ended: drop what is kept for it. */
    record Forget(String taskId) implements ToWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "forget");
            json.writeStringField("task_id", taskId);
            json.writeEndObject();
        }
    }

    /**
     * Finish what is started, give back the rest, and close the connection.
     *
     * @param reconnect true if the server stops and comes back perhaps; false if the worker is not wanted any more
     */
    record GoAway(boolean reconnect) implements ToWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "goaway");
            json.writeBooleanField("reconnect", reconnect);
            json.writeEndObject();
        }
    }

    /** A message of a later version, to be ignored. */
    record Unknown(String type) implements ToWorker {
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
