package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a protocol-2 worker sends after its hello. */
public sealed interface FromWorker extends Message {

    void dispatch(Handler handler);

    /** One method for each kind of message. */
    interface Handler {
        void on(Result message);

        void on(SubtaskError message);

        void on(Heartbeat message);

        void on(Decline message);

        void on(Drain message);
    }

    static FromWorker read(byte[] bytes, int offset, int length) throws ProtocolException {
        try (JsonParser json = Json.parser(bytes, offset, length)) {
            if (json.nextToken() == JsonToken.START_OBJECT
                    && "type".equals(json.nextFieldName())
                    && "result".equals(json.nextTextValue())) {
                return Result.read(json);
            }
        } catch (JsonProcessingException e) {
            throw Json.notJson(e);
        } catch (IOException e) {
            throw new ProtocolException(ErrorCode.BAD_JSON, "not JSON: " + e.getMessage());
        }
        ObjectNode object = Json.readObject(bytes, offset, length);
        Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
        String type = fields.text("type");
        return switch (type) {
            case "result" -> Result.read(object);
            case "error" -> SubtaskError.read(fields);
            case "heartbeat" -> Heartbeat.read(fields);
            case "decline" -> new Decline(fields.text("task_id"));
            case "drain" -> new Drain();
            default ->
                throw new ProtocolException(
                        ErrorCode.BAD_MESSAGE,
                        "type: expected result, error, heartbeat, decline or drain, got "
                                + Json.describe(object.get("type")));
        };
    }

    /** Answers for the indexes from {@code from} on: any contiguous part of the lease. */
    record Result(long lease, long from, ResultValues results) implements FromWorker {

        /** The parser stands behind the value of {@code type}. */
        private static Result read(JsonParser json) throws IOException, ProtocolException {
            long lease = -1;
            long from = -1;
            ResultValues results = null;
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                switch (name) {
                    case "lease" -> lease = wholeNumber(json, value, "lease");
                    case "from" -> from = wholeNumber(json, value, "from");
                    case "results" -> {
                        if (value != JsonToken.START_ARRAY) {
                            throw new ProtocolException(
                                    ErrorCode.BAD_MESSAGE,
                                    "results: expected an array, one result for each index, got " + json.getText());
                        }
                        results = ResultValues.read(json);
                    }
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw new ProtocolException(ErrorCode.BAD_JSON, "not JSON: something stands behind the object");
            }
            if (lease < 0 || from < 0 || results == null || results.size() == 0) {
                String missing = lease < 0 ? "lease" : from < 0 ? "from" : "results";
                throw new ProtocolException(
                        ErrorCode.BAD_MESSAGE,
                        missing
                                + ": missing or empty; a result has a lease, the index from which it answers, and results");
            }
            return new Result(lease, from, results);
        }

        private static Result read(ObjectNode object) throws ProtocolException {
            try (JsonParser json = object.traverse(Json.MAPPER)) {
                json.nextToken();
                return read(json);
            } catch (IOException e) {
                throw new ProtocolException(ErrorCode.BAD_MESSAGE, "a result could not be read: " + e.getMessage());
            }
        }

        private static long wholeNumber(JsonParser json, JsonToken token, String name)
                throws IOException, ProtocolException {
            if (token != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || json.getLongValue() < 0
                    || json.getLongValue() > ProtocolLimits.MAX_EXACT_NUMBER) {
                throw new ProtocolException(
                        ErrorCode.BAD_MESSAGE,
                        name + ": expected a whole number from 0 to " + ProtocolLimits.MAX_EXACT_NUMBER + ", got "
                                + json.getText());
            }
            return json.getLongValue();
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "result");
            json.writeNumberField("lease", lease);
            json.writeNumberField("from", from);
            json.writeFieldName("results");
            results.writeTo(json);
            json.writeEndObject();
        }
    }

    /** @param retryable false if another attempt would fail as well */
    record SubtaskError(
            long lease,
            long index,
            String message,
            boolean retryable,
            @Nullable String detail) implements FromWorker {

        private static SubtaskError read(Fields fields) throws ProtocolException {
            JsonNode detail = fields.any("detail");
            return new SubtaskError(
                    fields.wholeNumber("lease", 0, ProtocolLimits.MAX_EXACT_NUMBER),
                    fields.wholeNumber("index", 0, ProtocolLimits.MAX_EXACT_NUMBER),
                    fields.text("message"),
                    fields.flag("retryable", true),
                    detail == null ? null : detail.isTextual() ? detail.textValue() : detail.toString());
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "error");
            json.writeNumberField("lease", lease);
            json.writeNumberField("index", index);
            json.writeStringField("message", message);
            json.writeBooleanField("retryable", retryable);
            if (detail != null) {
                json.writeStringField("detail", detail);
            }
            json.writeEndObject();
        }
    }

    /** @param leases per open lease, the index that the worker will start next; may be empty */
    record Heartbeat(Map<Long, Long> leases) implements FromWorker {

        private static Heartbeat read(Fields fields) throws ProtocolException {
            ObjectNode leases = fields.optionalObject("leases");
            if (leases == null) {
                return new Heartbeat(Map.of());
            }
            Map<Long, Long> next = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : leases.properties()) {
                JsonNode index = entry.getValue();
                if (!entry.getKey().matches("\\d{1,18}") || !index.isIntegralNumber() || !index.canConvertToLong()) {
                    throw fields.wrong("leases", "an object of lease numbers and next indexes", leases);
                }
                next.put(Long.valueOf(entry.getKey()), index.longValue());
            }
            return new Heartbeat(next);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "heartbeat");
            if (!leases.isEmpty()) {
                json.writeObjectFieldStart("leases");
                for (Map.Entry<Long, Long> lease : leases.entrySet()) {
                    json.writeNumberField(Long.toString(lease.getKey()), lease.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
    }

    /** The worker's own split of the task gives another count: it wants payloads. */
    record Decline(String taskId) implements FromWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "decline");
            json.writeStringField("task_id", taskId);
            json.writeEndObject();
        }
    }

    /** No more leases; what is started will be finished. */
    record Drain() implements FromWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "drain");
            json.writeEndObject();
        }
    }
}
