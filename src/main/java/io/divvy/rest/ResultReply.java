package io.divvy.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.divvy.protocol.Json;
import java.io.IOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The answer with a bare result: as JSON, or as the picture that the JSON holds. */
final class ResultReply {
    /** Other types are not served as what they say: whoever may submit a task could put a page of HTML here. */
    static final String PNG = "image/png";

    private ResultReply() {}

    /** @param json the result as it is stored */
    static Reply of(byte[] json) {
        byte[] picture = picture(json);
        return picture == null ? Reply.of(200, Reply.JSON, json) : Reply.of(200, PNG, picture);
    }

    /** The bytes of {@code {"media_type":"image/png","base64":"…"}}, with exactly these fields; else null. */
    private static byte @Nullable [] picture(byte[] json) {
        try (JsonParser parser = Json.MAPPER.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            String mediaType = null;
            String base64 = null;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                String text = parser.nextTextValue();
                if ("media_type".equals(name) && PNG.equals(text)) {
                    mediaType = text;
                } else if ("base64".equals(name) && text != null) {
                    base64 = text;
                } else {
                    return null;
                }
            }
            return mediaType == null || base64 == null
                    ? null
                    : Base64.getDecoder().decode(base64);
        } catch (IOException e) {
            throw new IllegalStateException("the store gave back something that is not JSON", e);
        } catch (IllegalArgumentException e) {
            return null; // Not base64 after all: it is served as the JSON that it is.
        }
    }
}
