package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** The server is there, and has nothing else to say. */
public record ServerHeartbeat() implements ToWorker, ToSender {
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
        json.writeStringField("type", "heartbeat");
        json.writeEndObject();
    }
}
