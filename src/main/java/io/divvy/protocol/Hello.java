package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The first message of a connection: it says who is talking, and in which dialect. */
public sealed interface Hello extends Message {
    int PROTOCOL = 2;
    Pattern TASK_TYPE = Pattern.compile(ProtocolLimits.TASK_TYPE_PATTERN);
    Pattern TASK_TYPE_OR_ANY = Pattern.compile(ProtocolLimits.TASK_TYPE_PATTERN + "|\\*");

    static Hello read(byte[] bytes, int offset, int length) throws ProtocolException {
        ObjectNode object = Json.readMessage(bytes, offset, length);
        Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
        String type = fields.text("type");
        boolean worker = type.equals("worker");
        if (!worker && !type.equals("task_sender")) {
            throw new ProtocolException(
                    ErrorCode.BAD_MESSAGE,
                    "type: the first message says \"worker\" or \"task_sender\", got "
                            + Json.describe(object.get("type")));
        }
        if (!object.has("protocol")) {
            return worker ? new PlainWorker() : new PlainSender();
        }
        JsonNode protocol = object.get("protocol");
        if (!protocol.isIntegralNumber() || !protocol.canConvertToInt() || protocol.intValue() != PROTOCOL) {
            throw new ProtocolException(
                    ErrorCode.UNSUPPORTED_PROTOCOL,
                    "protocol: this server speaks " + PROTOCOL + ", or the plain dialect without this field; got "
                            + Json.describe(protocol));
        }
        String token = fields.optionalText("token", ProtocolLimits.MAX_FRAME_BYTES);
        return worker ? Worker.read(fields, token) : new Sender(token);
    }

    record PlainWorker() implements Hello {
        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "worker");
            json.writeEndObject();
        }
    }

    record PlainSender() implements Hello {
        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "task_sender");
            json.writeEndObject();
        }
    }

    record Sender(@Nullable String token) implements Hello {
        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "task_sender");
            json.writeNumberField("protocol", PROTOCOL);
            if (token != null) {
                json.writeStringField("token", token);
            }
            json.writeEndObject();
        }
    }

    /**
     * Made by a {@link Draft}, by name.
     *
     * @param name for people; null lets the server choose
     * @param slots subtasks that it runs at once
     * @param credit subtasks that it will hold unanswered; as many as slots if it does not say
     * @param taskTypes what it takes; null for any type
     * @param derives types whose payloads it makes itself
     * @param acks whether it wants to hear which results are durable
     * @param lastExitCode what the process that had this name before ended with; null if that is not known
     * @param instance a text that it made up when it began, the same on all of its connections; null if it has none
     */
    record Worker(
            @Nullable String name,
            int slots,
            int credit,
            @Nullable Set<String> taskTypes,
            Set<String> derives,
            boolean acks,
            @Nullable String token,
            @Nullable Integer lastExitCode,
            @Nullable String instance)
            implements Hello {

        /** A worker's hello that is made up, by name. What is not set is not said. */
        public static final class Draft {
            private final int slots;
            private final int credit;
            public @Nullable String name;
            public @Nullable Set<String> taskTypes;
            public Set<String> derives = Set.of();
            public boolean acks;
            public @Nullable String token;
            public @Nullable Integer lastExitCode;
            public @Nullable String instance;

            public Draft(int slots, int credit) {
                this.slots = slots;
                this.credit = credit;
            }

            public Worker finish() {
                return new Worker(name, slots, credit, taskTypes, derives, acks, token, lastExitCode, instance);
            }
        }

        private static Worker read(Fields fields, @Nullable String token) throws ProtocolException {
            int slots = (int) fields.wholeNumber("slots", 1, ProtocolLimits.MAX_SLOTS, 1);
            int credit = (int) fields.wholeNumber("credit", 1, ProtocolLimits.MAX_CREDIT, slots);
            Set<String> taskTypes = fields.texts("task_types", TASK_TYPE_OR_ANY, ProtocolLimits.MAX_TASK_TYPES);
            if (taskTypes.isEmpty()) {
                throw new ProtocolException(
                        ErrorCode.BAD_MESSAGE,
                        "task_types: expected the names of the task types that this worker takes, or [\"*\"] for any");
            }
            Draft hello = new Draft(slots, credit);
            hello.name = fields.optionalText("name", ProtocolLimits.MAX_NAME_CHARS);
            hello.taskTypes = taskTypes.contains("*") ? null : taskTypes;
            hello.derives = fields.texts("derives", TASK_TYPE, ProtocolLimits.MAX_TASK_TYPES);
            hello.acks = fields.flag("acks", false);
            hello.token = token;
            hello.lastExitCode = fields.has("last_exit_code")
                    ? (int) fields.wholeNumber("last_exit_code", Integer.MIN_VALUE, Integer.MAX_VALUE, 0)
                    : null;
            hello.instance = fields.optionalText("instance", ProtocolLimits.MAX_INSTANCE_CHARS);
            return hello.finish();
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "worker");
            json.writeNumberField("protocol", PROTOCOL);
            if (name != null) {
                json.writeStringField("name", name);
            }
            json.writeNumberField("slots", slots);
            json.writeNumberField("credit", credit);
            writeNames(json, "task_types", taskTypes == null ? Set.of("*") : taskTypes);
            writeNames(json, "derives", derives);
            json.writeBooleanField("acks", acks);
            if (token != null) {
                json.writeStringField("token", token);
            }
            if (lastExitCode != null) {
                json.writeNumberField("last_exit_code", lastExitCode);
            }
            if (instance != null) {
                json.writeStringField("instance", instance);
            }
            json.writeEndObject();
        }

        private static void writeNames(JsonGenerator json, String field, Set<String> names) throws IOException {
            json.writeArrayFieldStart(field);
            for (String name : names) {
                json.writeString(name);
            }
            json.writeEndArray();
        }
    }
}
