package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a worker's {@code result}, of which there are most. Token by token: no tree is built for it. Which fields are there
 * says which of three kinds it is.
 */
final class ResultReader {
    private final TreeRoom room = TreeRoom.ofMessage();
    private long lease = -1;
    private long from = -1;
    private long to = -1;
    private @Nullable String taskId;
    private @Nullable ResultValues results;
    private @Nullable JsonNode combined;

    private ResultReader() {}

    /** The parser stands behind the value of {@code type}, or on the start of the object. */
    static FromWorker read(JsonParser json) throws IOException, ProtocolException {
        ResultReader reader = new ResultReader();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            reader.readField(json, name, json.nextToken());
        }
        if (json.nextToken() != null) {
            throw new ProtocolException(ErrorCode.BAD_JSON, "not JSON: something stands behind the object");
        }
        return reader.message();
    }

    private void readField(JsonParser json, String name, JsonToken value) throws IOException, ProtocolException {
        switch (name) {
            case "lease" -> lease = wholeNumber(json, value, name);
            case "from" -> from = wholeNumber(json, value, name);
            case "to" -> to = wholeNumber(json, value, name);
            case "task_id" -> {
                if (value != JsonToken.VALUE_STRING) {
                    throw bad("task_id: expected a string, got " + json.getText());
                }
                taskId = json.getText();
            }
            case "results" -> {
                if (value != JsonToken.START_ARRAY) {
                    throw bad("results: expected an array, one result for each index, got " + json.getText());
                }
                results = ResultValues.read(json, room);
            }
            case "combined" -> combined = Json.readValue(json, room);
            default -> Json.readValue(json, room); // Nobody wants it, but what it is not is still an error.
        }
    }

    private FromWorker message() throws ProtocolException {
        String offeredFor = lease < 0 ? taskId : null;
        if (lease < 0 && offeredFor == null) {
            throw bad("lease: missing; a result names the lease that it answers, or the task_id where there is none");
        }
        if (from < 0) {
            throw bad("from: missing; a result says the index from which it answers");
        }
        if (combined != null && results == null && offeredFor == null) {
            if (to <= from) {
                throw bad("to: expected the index behind the last combined one, more than from; got "
                        + (to < 0 ? "nothing" : to));
            }
            return new FromWorker.Combined(lease, from, to, combined);
        }
        if (results == null || results.size() == 0 || combined != null) {
            throw bad("results: missing or empty; a result has results, one for each index, or for a lease combined");
        }
        return offeredFor != null
                ? new FromWorker.Offer(offeredFor, from, results)
                : new FromWorker.Result(lease, from, results);
    }

    private static long wholeNumber(JsonParser json, JsonToken token, String name)
            throws IOException, ProtocolException {
        if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            JsonTree.requireBoundedExponent(json);
        }
        if (token != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || json.getLongValue() < 0
                || json.getLongValue() > ProtocolLimits.MAX_EXACT_NUMBER) {
            throw bad(name + ": expected a whole number from 0 to " + ProtocolLimits.MAX_EXACT_NUMBER + ", got "
                    + json.getText());
        }
        return json.getLongValue();
    }

    private static ProtocolException bad(String message) {
        return new ProtocolException(ErrorCode.BAD_MESSAGE, message);
    }
}
