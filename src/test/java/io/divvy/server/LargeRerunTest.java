package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.TaskObject;
import io.divvy.server.session.Tasks;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import io.divvy.store.ChunkRow;
import io.divvy.task.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a rerun begins with is looked at off the loop once it is large: it may be all that is kept of a task. */
class LargeRerunTest extends ServerOfFailingParts {
    private static final String TASK = "{\"type\":\"mine\",\"combine\":\"collect\",\"payloads\":[0,1]}";

    @AfterEach
    void close() {
        lanes.close();
    }

    /** On which thread it is known what it begins with; there is no loop here that hears of it from another. */
    private Thread looksAt(int resultBytes) throws Exception {
        TaskObject object = TaskObject.read(JsonText.object(TASK));
        ChunkRow.Draft chunk = new ChunkRow.Draft(0, 7);
        chunk.closed = List.of(new Range(0, 1));
        byte[] results = ("[\"" + "x".repeat(resultBytes) + "\"]").getBytes(StandardCharsets.UTF_8);
        chunk.parts = List.of(new ChunkRow.PartRow(0, 1, false, results));
        HeadStart headStart = new HeadStart(
                2,
                TaskWork.prepare(object, null, TaskLanes.INLINE).spec(new TaskId("first"), null, ""),
                List.of(chunk.finish()));
        CompletableFuture<Thread> looked = new CompletableFuture<>();
        desk.submit(object, headStart, new Tasks.SubmitReply() {
            private long done;

            @Override
            public void beginsWith(long subtasksDone) {
                done = subtasksDone;
            }

            @Override
            public void accepted(TaskId task, long subtasks, boolean isNew) {
                tell(() -> {
                    assertEquals(1, done);
                    looked.complete(Thread.currentThread());
                });
            }

            @Override
            public void refused(ErrorCode code, String message, @Nullable Long retryAfterMs) {
                looked.completeExceptionally(new AssertionError(message));
            }

            @Override
            public void letGo(Throwable cause) {
                looked.completeExceptionally(cause);
            }
        });
        return looked.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aSmallOneIsLookedAtAtOnce() throws Exception {
        assertSame(Thread.currentThread(), looksAt(1_000));
    }

    @Test
    void aLargeOneIsLookedAtOnAnotherThread() throws Exception {
        assertNotSame(Thread.currentThread(), looksAt((int) TaskWork.LARGE_BYTES));
    }
}
