package io.divvy.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.JsonArrayText;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ToWorker;
import io.divvy.scheduler.Payloads;
import io.divvy.task.Subtasks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The payloads of a lease, written out as a JSON array. */
final class PayloadText implements Payloads, ToWorker.PayloadArray {
    /** In UTF-8. */
    private final byte[] array;

    private final int count;

    private PayloadText(byte[] array, int count) {
        this.array = array;
        this.count = count;
    }

    /** Writes payloads until the text would have more than {@code mostBytes}; none if the first one has. */
    static PayloadText write(Subtasks subtasks, long from, long to, int mostBytes) throws IOException {
        JsonArrayText array = new JsonArrayText(mostBytes);
        int count = 0;
        for (long index = from; index < to && array.add(subtasks.payload(index)); index++) {
            count++;
        }
        return of(array, count);
    }

    /** Of an array that is complete. */
    static PayloadText of(JsonArrayText array, int count) throws IOException {
        return new PayloadText(array.end(), count);
    }

    int count() {
        return count;
    }

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        Json.writeWritten(json, array);
    }

    @Override
    public List<JsonNode> toList() {
        List<JsonNode> payloads = new ArrayList<>(count);
        try {
            Json.read(array, 0, array.length).forEach(payloads::add);
        } catch (ProtocolException e) {
            throw new IllegalStateException("what was written as JSON cannot be read as JSON", e);
        }
        return payloads;
    }
}
