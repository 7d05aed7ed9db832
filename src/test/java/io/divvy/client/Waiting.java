package io.divvy.client;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Waits for futures of a client that works, for as long as nothing that works takes. */
final class Waiting {
    private static final long PATIENCE_SECONDS = 20;

    private Waiting() {}

    static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    /** What the future fails with, which is to be of that kind. */
    static <E extends Exception> E failure(Class<E> kind, CompletableFuture<?> future) {
        ExecutionException failed =
                assertThrows(ExecutionException.class, () -> future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        return assertInstanceOf(kind, failed.getCause());
    }
}
