package io.divvy.server.session;

import com.fasterxml.jackson.databind.node.NullNode;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Json;
import io.divvy.protocol.Message;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.TaskView;
import io.divvy.protocol.ToSender;
import io.divvy.store.StoredTask;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a sender of protocol 2 is told of a task, as frames. A result that does not fit into one is to be fetched by itself. */
final class TaskFrames {
    private TaskFrames() {}

    /** The task as it is. */
    static ByteBuffer view(@Nullable Long request, TaskView view) {
        ByteBuffer frame = Frames.encode(new ToSender.Task(request, view));
        return isTooLarge(frame) ? Frames.encode(new ToSender.Task(request, view.withoutResult())) : frame;
    }

    /** How the task ended. */
    static ByteBuffer end(StoredTask stored) {
        String id = stored.task().spec().id().value();
        return switch (stored.task().state()) {
            case COMPLETED -> completed(id, stored.result());
            case FAILED -> Frames.encode(failed(id, stored));
            default -> Frames.encode(new ToSender.Cancelled(id));
        };
    }

    private static Message failed(String id, StoredTask stored) {
        return new ToSender.Failed(
                id, Objects.requireNonNull(TaskErrors.of(stored.task().failure())));
    }

    private static ByteBuffer completed(String id, byte @Nullable [] result) {
        if (result != null && result.length < ProtocolLimits.MAX_FRAME_BYTES) {
            ByteBuffer frame = Frames.encode(new ToSender.Completed(id, Json.written(result), null));
            if (!isTooLarge(frame)) {
                return frame;
            }
        }
        return Frames.encode(new ToSender.Completed(id, NullNode.getInstance(), TaskView.resultPath(id)));
    }

    private static boolean isTooLarge(ByteBuffer frame) {
        return frame.remaining() - Frames.HEADER_BYTES > ProtocolLimits.MAX_FRAME_BYTES;
    }
}
