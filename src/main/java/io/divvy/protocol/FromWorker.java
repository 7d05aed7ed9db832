package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a protocol-2 worker sends after its hello. */
public sealed interface FromWorker extends Message {

    void dispatch(Handler handler);

    /** One method for each kind of message. */
    interface Handler {
        void on(Result message);

        void on(Combined message);

        void on(Offer message);

        void on(Released message);

        void on(SubtaskError message);

        void on(Heartbeat message);

        void on(Decline message);

        void on(Drain message);
    }

    static FromWorker read(byte[] bytes, int offset, int length) throws ProtocolException {
        Result result = ResultScanner.scan(bytes, offset, length);
        return result == null ? parse(bytes, offset, length) : result;
    }

    /** Reads any message, however it is written. */
    static FromWorker parse(byte[] bytes, int offset, int length) throws ProtocolException {
        FromWorker result = parseResult(bytes, offset, length, true);
        if (result != null) {
            return result;
        }
        ObjectNode object = Json.readMessage(bytes, offset, length);
        Fields fields = new Fields(object, "", ErrorCode.BAD_MESSAGE);
        String type = fields.text("type");
        return switch (type) {
            case "result" ->
                Objects.requireNonNull(parseResult(bytes, offset, length, false), "an object is read from its start");
            case "released" ->
                new Released(
                        fields.wholeNumber("lease", 0, ProtocolLimits.MAX_EXACT_NUMBER),
                        fields.wholeNumber("from", 0, ProtocolLimits.MAX_EXACT_NUMBER));
            case "error" -> SubtaskError.read(fields);
            case "heartbeat" -> Heartbeat.read(fields);
            case "decline" -> new Decline(fields.text("task_id"));
            case "drain" -> new Drain();
            default ->
                throw new ProtocolException(
                        ErrorCode.BAD_MESSAGE,
                        "type: expected result, error, heartbeat, released, decline or drain, got "
                                + Json.describe(object.get("type")));
        };
    }

    /**
     * Reads a {@code result} without a tree.
     *
     * @param ifSoCalledFirst whether its type has to stand before all else; else the message is known to be a result
     * @return null if that is not so
     */
    private static @Nullable FromWorker parseResult(byte[] bytes, int offset, int length, boolean ifSoCalledFirst)
            throws ProtocolException {
        try (JsonParser json = Json.parser(bytes, offset, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            return !ifSoCalledFirst || "type".equals(json.nextFieldName()) && "result".equals(json.nextTextValue())
                    ? ResultReader.read(json)
                    : null;
        } catch (JsonProcessingException e) {
            throw Json.notJson(e);
        } catch (CharacterCodingException e) {
            throw new ProtocolException(ErrorCode.BAD_JSON, "not JSON: expected UTF-8");
        } catch (IOException e) {
            throw new ProtocolException(ErrorCode.BAD_JSON, "not JSON: " + e.getMessage());
        }
    }

    /** Answers for the indexes from {@code from} on: any contiguous part of the lease. */
    record Result(long lease, long from, ResultValues results) implements FromWorker {

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

    /** One result for a part of a lease, folded by the worker. It counts only if all of the part is open. */
    record Combined(long lease, long from, long to, JsonNode combined) implements FromWorker {
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
            json.writeNumberField("to", to);
            json.writeFieldName("combined");
            Json.write(json, combined);
            json.writeEndObject();
        }
    }

    /** Results that a worker had when it lost its connection, of which it does not know whether they arrived. */
    record Offer(String taskId, long from, ResultValues results) implements FromWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "result");
            json.writeStringField("task_id", taskId);
            json.writeNumberField("from", from);
            json.writeFieldName("results");
            results.writeTo(json);
            json.writeEndObject();
        }
    }

    /** Answers a revoke: everything of the lease from here on is given back. */
    record Released(long lease, long from) implements FromWorker {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("type", "released");
            json.writeNumberField("lease", lease);
            json.writeNumberField("from", from);
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
