package io.divvy.client;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that runs the user's code: progress callbacks, and whatever hangs on the futures. It holds no lock while it
 * does, and what it does slowly keeps no message from being read.
 */
final class CallbackThread {
    private static final Logger LOG = LoggerFactory.getLogger(DivvyClient.class);
    /** How long a callback may go on after the client was closed before it is interrupted. */
    private static final long CLOSE_PATIENCE_MS = 5_000;

    private final ExecutorService executor;

    @Nullable
    private volatile Thread thread;

    CallbackThread() {
        executor = Executors.newSingleThreadExecutor(work -> {
            Thread started = new Thread(work, "divvy-client-callbacks");
            started.setDaemon(true);
            thread = started;
            return started;
        });
    }

    /** Runs it after all that was given before. Never runs it now, except after {@link #close}, when nobody can hear of it. */
    void run(Runnable callback) {
        try {
            executor.execute(() -> call(callback));
        } catch (RejectedExecutionException e) {
            call(callback);
        }
    }

    private static void call(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable e) {
            // It is the user's code: whatever it throws must not end the thread that others hear from.
            LOG.error("a callback threw; the client goes on", e);
        }
    }

    private boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Waits for the future, and throws what it failed with: an exception of that kind, or an {@link IOException}. */
    <T, E extends Exception> T await(CompletableFuture<T> future, Class<E> expected)
            throws E, IOException, InterruptedException {
        requireOtherThread(future);
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e, expected);
        }
    }

    <T, E extends Exception> T await(CompletableFuture<T> future, long timeoutNanos, Class<E> expected)
            throws E, IOException, InterruptedException, TimeoutException {
        requireOtherThread(future);
        try {
            return future.get(timeoutNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw failure(e, expected);
        }
    }

    private void requireOtherThread(CompletableFuture<?> future) {
        if (isCurrent() && !future.isDone()) {
            throw new IllegalStateException(
                    "a callback must not wait for the client, which would wait for the callback;"
                            + " use a method that returns a CompletableFuture, for instance submitAsync");
        }
    }

    private static <E extends Exception> IOException failure(ExecutionException e, Class<E> expected) throws E {
        Throwable cause = e.getCause();
        if (expected.isInstance(cause)) {
            throw expected.cast(cause);
        }
        return cause instanceof IOException io ? io : new IOException(cause);
    }

    /** Lets the thread end after all that it was given, and waits for that unless this is the thread itself. */
    void close() {
        executor.shutdown();
        Thread running = thread;
        if (running == null || isCurrent()) {
            return;
        }
        try {
            running.join(CLOSE_PATIENCE_MS);
            if (running.isAlive()) {
                LOG.warn(
                        "a callback still runs {} ms after the client was closed; it is interrupted",
                        CLOSE_PATIENCE_MS);
                running.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
