package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Says that something that was sent was not taken.
 *
 * @param request the number of the request that it answers, or null
 * @param code a wire name of {@link ErrorCode}, or one that this version does not know
 * @param retryAfterMs when to try again, or null
 */
public record ErrorMessage(
        @Nullable Long request,
        String code,
        String message,
        @Nullable Long retryAfterMs) implements ToWorker, ToSender {

    public ErrorMessage {
        message = ErrorText.bounded(message);
    }

    public ErrorMessage(@Nullable Long request, ErrorCode code, String message, @Nullable Long retryAfterMs) {
        this(request, code.wireName(), message, retryAfterMs);
    }

    public ErrorMessage(ProtocolException cause) {
        this(cause.request(), cause.code(), String.valueOf(cause.getMessage()), null);
    }

    static ErrorMessage read(ObjectNode object) {
        return new ErrorMessage(
                object.hasNonNull("request") ? object.get("request").longValue() : null,
                object.path("code").asText(),
                object.path("message").asText(),
                object.hasNonNull("retry_after_ms")
                        ? object.get("retry_after_ms").longValue()
                        : null);
    }

    @Override
    public void dispatch(ToWorker.Handler handler) {
        handler.on(this);
    }

    @Override
    public void dispatch(ToSender.Handler handler) {
        handler.on(this);
    }

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "error");
        if (request != null) {
            json.writeNumberField("request", request);
        }
        json.writeStringField("code", code);
        json.writeStringField("message", message);
        if (retryAfterMs != null) {
            json.writeNumberField("retry_after_ms", retryAfterMs);
        }
        json.writeEndObject();
    }
}
