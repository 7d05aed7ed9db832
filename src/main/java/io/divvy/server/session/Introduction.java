package io.divvy.server.session;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.HttpApi;
import io.divvy.protocol.Json;
import io.divvy.protocol.Welcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the server says of itself to whoever connects. */
public final class Introduction {
    private final String serverName;
    private volatile @Nullable HttpApi httpApi;

    /** @param serverName what the server calls itself, with its version */
    public Introduction(String serverName) {
        this.serverName = serverName;
    }

    /** Tells of the HTTP API from now on. From any thread. */
    public void tellOf(HttpApi api) {
        httpApi = api;
    }

    Welcome welcome(String session, long heartbeatMs) {
        return Welcome.of(serverName, session, heartbeatMs).with(httpApi);
    }

    /** The answer to somebody who took the TCP port for the HTTP port, in the way in which they can read it. */
    ByteBuffer answerToHttp() {
        HttpApi api = httpApi;
        String where = api == null
                ? "this server has no HTTP API"
                : "the HTTP API is at " + (api.url() == null ? "port " + api.port() : api.url());
        byte[] body = Json.MAPPER
                .createObjectNode()
                .put("type", "about:blank")
                .put("title", "Bad Request")
                .put("status", ErrorCode.BAD_FRAME.httpStatus())
                .put("detail", "this is the TCP port, for senders and workers; " + where)
                .put("code", ErrorCode.BAD_FRAME.wireName())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: "
                        + body.length + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .flip();
    }
}
