package io.divvy.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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
        Content body,
        @Nullable ResultBody stream) {
    static final String JSON = "application/json";
    static final String YAML = "application/yaml";

    Reply(int status, @Nullable String contentType, Map<String, String> headers, Content body) {
        this(status, contentType, headers, body, null);
    }

    static Reply of(String contentType, ResultBody stream) {
        return new Reply(200, contentType, Map.of(), Content.NONE, stream);
    }

    static Reply of(int status, String contentType, Content body) {
        return new Reply(status, contentType, Map.of(), body);
    }

    static Reply of(int status, String contentType, byte[] body) {
        return of(status, contentType, Content.of(body));
    }

    static Reply of(int status, JsonNode value) {
        return of(status, JSON, Json.write(value));
    }

    /** No content. */
    static Reply of(int status) {
        return new Reply(status, null, Map.of(), Content.NONE);
    }

    static Reply of(int status, Body body) {
        return of(status, JSON, Content.of(() -> written(body)));
    }

    /**
     * The client has the answer already.
     *
     * @param tag of what it has
     * @param headers that the whole answer has
     */
    static Reply notModified(String tag, Map<String, String> headers) {
        Map<String, String> others = new LinkedHashMap<>(headers);
        others.remove(Negotiation.ACCEPT_RANGES); // It is of a body.
        return new Reply(304, null, others, Content.NONE).withEntityTag(tag);
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
        body.get();
        return this;
    }

    /** Of the body, in bytes. It is written. */
    long length() {
        return stream == null ? body.get().length : stream.length();
    }

    Reply withHeader(String name, String value) {
        return withHeaders(Map.of(name, value));
    }

    Reply withHeaders(Map<String, String> others) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.putAll(others);
        return new Reply(status, contentType, more, body, stream);
    }

    Reply withBody(Content other) {
        return new Reply(status, contentType, headers, other, stream);
    }

    /** Clients may keep it, and ask each time whether it is still the same. */
    Reply withEntityTag(String tag) {
        return withHeader(EntityTag.HEADER, tag).withHeader("Cache-Control", "no-cache");
    }

    /** The same, tagged by what is in it, which is written out for that. */
    Reply withEntityTag() {
        return withEntityTag(body.tag());
    }

    /** Another header of the request decides about it, too. */
    Reply varyingBy(String header) {
        String others = headers.get(Negotiation.VARY);
        if (others == null) {
            return withHeader(Negotiation.VARY, header);
        }
        return others.contains(header) ? this : withHeader(Negotiation.VARY, others + ", " + header);
    }

    /** A part of the body. */
    Reply part(ByteRange range) {
        Content part = stream == null
                ? Content.of(Arrays.copyOfRange(body.get(), (int) range.from(), (int) range.to()))
                : Content.NONE;
        return new Reply(206, contentType, headers, part, stream == null ? null : stream.part(range));
    }
}
