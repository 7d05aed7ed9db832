package io.divvy.protocol;

import java.util.Locale;

/** The error codes of the protocol: the same on the wire and over HTTP. */
public enum ErrorCode {
    BAD_MESSAGE(400, false),
    INVALID_TASK(422, false),
    UNKNOWN_TASK_TYPE(422, false),
    UNKNOWN_LEASE(400, false),
    NOT_FOUND(404, false),
    CONFLICT(409, false),
    LIMIT_EXCEEDED(413, false),
    BUSY(503, false),
    INTERNAL(500, false),
    BAD_FRAME(400, true),
    FRAME_TOO_LARGE(413, true),
    BAD_JSON(400, true),
    UNSUPPORTED_PROTOCOL(400, true),
    UNAUTHORIZED(401, true),
    HANDSHAKE_TIMEOUT(408, true);

    private final int httpStatus;
    private final boolean endsConnection;

    ErrorCode(int httpStatus, boolean endsConnection) {
        this.httpStatus = httpStatus;
        this.endsConnection = endsConnection;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** Whether a TCP connection is closed once the message with this code is flushed. */
    public boolean endsConnection() {
        return endsConnection;
    }
}
