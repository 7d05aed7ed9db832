package io.divvy.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer.
 *
 * @param body written out when it is asked for, which is not on the loop's thread
 * @param stream if set, the body is made while it is sent, and {@code body} is empty
 */
record Reply(
        int status,
        @Nullable String contentType,
        Map<String, String> headers,
        Supplier<byte[]> body,
        @Nullable ResultBody stream) {
    static final String JSON = "application/json";
    static final String YAML = "application/yaml";

    Reply(int status, @Nullable String contentType, Map<String, String> headers, Supplier<byte[]> body) {
        this(status, contentType, headers, body, null);
    }

    static Reply of(String contentType, ResultBody stream) {
        return new Reply(200, contentType, Map.of(), () -> new byte[0], stream);
    }

    static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, contentType, Map.of(), () -> body);
    }

    static Reply of(int status, JsonNode value) {
        return of(status, JSON, Json.write(value));
    }

    /** No content. */
    static Reply of(int status) {
        return new Reply(status, null, Map.of(), () -> new byte[0]);
    }

    static Reply of(int status, Body body) {
        return new Reply(status, JSON, Map.of(), () -> written(body));
    }

    private static byte[] written(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
            body.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** Something that writes itself as JSON. */
    @FunctionalInterface
    interface Body {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** The same, written out now. */
    Reply written() {
        byte[] bytes = body.get();
        return new Reply(status, contentType, headers, () -> bytes, stream);
    }

    Reply withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, contentType, more, body, stream);
    }
}
