package io.divvy.client;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Frames;
import io.divvy.protocol.FromSender;
import io.divvy.protocol.ToSender;
import java.io.IOException;
import java.nio.ByteBuffer;

/** How requests are written, and what their refusals mean. */
final class Requests {
    private Requests() {}

    /** A request that still lacks its number. */
    @FunctionalInterface
    interface Numbered {
        FromSender message(long number);

        /** Written out at once: the user may change the task object afterwards. */
        default ByteBuffer encode(long number) {
            return Frames.encode(message(number));
        }
    }

    static int bytes(ByteBuffer frame) {
        return frame.remaining() - Frames.HEADER_BYTES;
    }

    static TaskRefusedException tooLarge(int bytes, int maxBytes) {
        return new TaskRefusedException(
                ErrorCode.FRAME_TOO_LARGE.wireName(),
                "the request has " + bytes + " bytes as a message; the server takes at most " + maxBytes
                        + ". Keep large data elsewhere and say where",
                null);
    }

    static boolean endsConnection(String code) {
        for (ErrorCode known : ErrorCode.values()) {
            if (known.wireName().equals(code)) {
                return known.endsConnection();
            }
        }
        return false;
    }

    static boolean isNotFound(Exception cause) {
        return cause instanceof TaskRefusedException refusal && refusal.code().equals(ErrorCode.NOT_FOUND.wireName());
    }

    /** Whether the same request may be taken later. */
    static boolean isForNow(TaskRefusedException refusal) {
        return refusal.code().equals(ErrorCode.BUSY.wireName())
                || refusal.code().equals(ErrorCode.INTERNAL.wireName());
    }

    static IOException unexpected(ToSender message) {
        return new IOException("the server gave an answer of another kind: " + message);
    }
}
