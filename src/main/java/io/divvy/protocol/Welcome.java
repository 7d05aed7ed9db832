package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Answers a protocol-2 hello.
 *
 * @param server name and version
 * @param session names this connection in the server's log
 * @param heartbeatMs how often a worker has to show a sign of life
 * @param heartbeats whether the server shows one as often, see {@link ServerHeartbeat}; servers of old did not
 * @param maxFrameBytes how long a frame may be, in both directions
 * @param httpApi of the same server, or null if it tells of none
 */
public record Welcome(
        String server,
        String session,
        long heartbeatMs,
        boolean heartbeats,
        int maxFrameBytes,
        @Nullable HttpApi httpApi)
        implements ToWorker, ToSender {

    /** A server of today, which shows signs of life. */
    public static Welcome of(String server, String session, long heartbeatMs) {
        return new Welcome(server, session, heartbeatMs, true, ProtocolLimits.MAX_FRAME_BYTES, null);
    }

    public Welcome with(@Nullable HttpApi api) {
        return new Welcome(server, session, heartbeatMs, heartbeats, maxFrameBytes, api);
    }

    static Welcome read(ObjectNode object) throws ProtocolException {
        Fields fields = new Fields(object, "welcome.", ErrorCode.BAD_MESSAGE);
        return new Welcome(
                fields.text("server"),
                fields.text("session"),
                fields.wholeNumber("heartbeat_ms", 1, Integer.MAX_VALUE),
                fields.flag("heartbeats", false),
                (int) fields.wholeNumber("max_frame_bytes", 1, Integer.MAX_VALUE),
                HttpApi.read(object, fields));
    }

    /**
     * How long the server may send no byte until it, or the way to it, is taken to be gone: that long, or two of its heartbeats
     * where they come more seldom. 0, for as long as it takes, if it promised no heartbeats.
     */
    public int silenceMs(long atLeastMs) {
        return heartbeats ? (int) Math.min(Integer.MAX_VALUE, Math.max(atLeastMs, 2 * heartbeatMs)) : 0;
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
        json.writeStringField("type", "welcome");
        json.writeNumberField("protocol", Hello.PROTOCOL);
        json.writeStringField("server", server);
        json.writeStringField("session", session);
        json.writeNumberField("heartbeat_ms", heartbeatMs);
        json.writeBooleanField("heartbeats", heartbeats);
        json.writeNumberField("max_frame_bytes", maxFrameBytes);
        if (httpApi != null) {
            httpApi.writeTo(json);
        }
        json.writeEndObject();
    }
}
