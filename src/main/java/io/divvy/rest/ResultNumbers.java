package io.divvy.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.TaskView;

/** How the numbers in a result are written. */
enum ResultNumbers {
    /** As they are. */
    NUMBER,

    /** Every one as a string; whoever reads them need not know how large one must be for that. */
    STRING;

    JsonNode in(JsonNode result) {
        return this == STRING ? NumbersAsStrings.in(result) : result;
    }

    /** @param result as it is stored */
    byte[] in(byte[] result) {
        return this == STRING ? Json.write(NumbersAsStrings.in(read(result))) : result;
    }

    private static JsonNode read(byte[] stored) {
        try {
            return Json.read(stored, 0, stored.length);
        } catch (ProtocolException e) {
            throw new IllegalStateException("the store gave back something that is not JSON", e);
        }
    }

    TaskView in(TaskView task) {
        JsonNode result = task.result();
        return result == null ? task : task.withResult(in(result));
    }
}
