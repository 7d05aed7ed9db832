package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import java.util.Arrays;

/**
 * Writes out what foreign code made, and sees to it that whoever gets it can read it: a worker that cannot read one payload
 * gives up its connection, with all that it holds of other tasks.
 */
final class ForeignJson {
    /** Objects and arrays around it in the messages and rows that it becomes a part of, and some to spare. */
    private static final int LEVELS_AROUND = 4;

    private ForeignJson() {}

    /** @param call that made the value, for people */
    static byte[] write(String call, JsonNode value) {
        byte[] json = Json.write(value);
        byte[] nested = new byte[json.length + 2 * LEVELS_AROUND];
        Arrays.fill(nested, 0, LEVELS_AROUND, (byte) '[');
        System.arraycopy(json, 0, nested, LEVELS_AROUND, json.length);
        Arrays.fill(nested, LEVELS_AROUND + json.length, nested.length, (byte) ']');
        try {
            Json.read(nested, 0, nested.length);
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(call + " returned what cannot be read as JSON: " + e.getMessage(), e);
        }
        return json;
    }
}
