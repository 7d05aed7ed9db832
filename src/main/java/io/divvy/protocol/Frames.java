package io.divvy.protocol;

import java.nio.ByteBuffer;

/** Turns messages into frames: a 4-byte big-endian length, then the JSON. */
public final class Frames {
    public static final int HEADER_BYTES = 4;

    private Frames() {}

    public static ByteBuffer encode(Message message) {
        ByteBuffer frame = ByteBuffer.wrap(Json.text(HEADER_BYTES, message::writeTo));
        return frame.putInt(0, frame.capacity() - HEADER_BYTES);
    }
}
