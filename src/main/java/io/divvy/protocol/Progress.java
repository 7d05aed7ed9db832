package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** Where the subtasks of a task are; the last five add up to {@code total}. */
public record Progress(long total, long pending, long leased, long done, long failed, long cancelled) {

    static Progress read(JsonNode object) {
        return new Progress(
                object.path("total").asLong(),
                object.path("pending").asLong(),
                object.path("leased").asLong(),
                object.path("done").asLong(),
                object.path("failed").asLong(),
                object.path("cancelled").asLong());
    }

    /** Writes the fields into an object that is open. */
    void writeFieldsTo(JsonGenerator json) throws IOException {
        json.writeNumberField("total", total);
        json.writeNumberField("pending", pending);
        json.writeNumberField("leased", leased);
        json.writeNumberField("done", done);
        json.writeNumberField("failed", failed);
        json.writeNumberField("cancelled", cancelled);
    }
}
