package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** Where the subtasks of a task are; the last five add up to {@code total}. Made by a {@link Draft}, by name. */
public record Progress(long total, long pending, long leased, long done, long failed, long cancelled) {

    /** Progress that is made up, by name. What is not set is 0. */
    public static final class Draft {
        private final long total;
        public long pending;
        public long leased;
        public long done;
        public long failed;
        public long cancelled;

        public Draft(long total) {
            this.total = total;
        }

        public Progress finish() {
            return new Progress(total, pending, leased, done, failed, cancelled);
        }
    }

    static Progress read(JsonNode object) {
        Draft progress = new Draft(object.path("total").asLong());
        progress.pending = object.path("pending").asLong();
        progress.leased = object.path("leased").asLong();
        progress.done = object.path("done").asLong();
        progress.failed = object.path("failed").asLong();
        progress.cancelled = object.path("cancelled").asLong();
        return progress.finish();
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
