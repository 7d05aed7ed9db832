package io.divvy.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who gets room for a reply when there is none. */
class SlowRepliesTest {
    @Test
    void aReplyWithoutRoomIsBusy() {
        try (SlowReplies replies = new SlowReplies(2 * ResultStream.BUFFER_BYTES, 60_000)) {
            refuseTheThird(replies);
        }
    }

    private static void refuseTheThird(SlowReplies replies) {
        assertTrue(replies.room().isDone());
        assertTrue(replies.room().isDone());
        CompletableFuture<Void> third = replies.room();
        assertFalse(third.isDone(), "it waits for a moment");
        ExecutionException refused = assertThrows(ExecutionException.class, () -> third.get(20, TimeUnit.SECONDS));
        Reply reply = Problem.of(refused.getCause()).toReply();
        assertEquals(503, reply.status());
        assertEquals("1", reply.headers().get("Retry-After"));
        assertEquals(2 * ResultStream.BUFFER_BYTES, replies.waitingBytes());
    }
}
