package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.store.StoredResult;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A task is deleted while its result is read. */
class GoneResultTest {
    @Test
    void readingOnAfterADeleteFails() {
        TaskResult.Pieces pieces = new TaskResult.Pieces(new StoredResult() {
            @Override
            public long length() {
                return 1;
            }

            @Override
            public CompletableFuture<ByteBuffer> read(long from) {
                return CompletableFuture.failedFuture(new ResultGoneException());
            }
        });
        Throwable failure = assertThrows(
                        CompletionException.class, () -> pieces.read(0).join())
                .getCause();
        assertEquals(
                ErrorCode.NOT_FOUND,
                assertInstanceOf(RefusedException.class, failure).code());
    }
}
