package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Turns messages into frames: a 4-byte big-endian length, then the JSON. */
public final class Frames {
    public static final int HEADER_BYTES = 4;

    private Frames() {}

    public static ByteBuffer encode(Message message) {
        BufferRecycler buffers = Json.factory()._getBufferRecycler();
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(buffers)) {
            bytes.appendFourBytes(0);
            try (JsonGenerator json = Json.factory().createGenerator(bytes)) {
                message.writeTo(json);
            }
            ByteBuffer frame = ByteBuffer.wrap(bytes.getClearAndRelease());
            frame.putInt(0, frame.capacity() - HEADER_BYTES);
            return frame;
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        } finally {
            buffers.releaseToPool();
        }
    }
}
