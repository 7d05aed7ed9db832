package io.divvy.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskView;

/** How the numbers in a result are written. */
enum ResultNumbers {
    /** As they are. */
    NUMBER,

    /** Every one as a string; whoever reads them need not know how large one must be for that. */
    STRING;

    private JsonNode in(JsonNode result) {
        return this == STRING ? Json.written(QuotedNumbers.in(Json.utf8(result))) : result;
    }

    /** @param result as it is stored */
    byte[] in(byte[] result) {
        return this == STRING ? QuotedNumbers.in(result) : result;
    }

    TaskView in(TaskView task) {
        JsonNode result = task.result();
        return result == null ? task : task.withResult(in(result));
    }
}
