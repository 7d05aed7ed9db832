package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies of requests without holding a thread while they are on their way: many slow senders must not stop the others.
 * Bounded in what one body may have, and in what all together hold until something was made of them: beyond that the slowest
 * one is given up, as those who send slowly must not keep out those who do not. Of large bodies something is made in turn, on
 * threads that Jetty can do without: a tree may take many times the bytes that it is made of.
 */
final class BodyReader {
    /** A body that is too long is read on and dropped for this many times the limit, so that its sender hears why. */
    private static final int DROPPED_TIMES = 4;

    private static final long BUSY_RETRY_MS = 1_000;
    /** A second's worth of a connection that is slow, and not one that is only kept. */
    private static final int MOVED_BYTES = 1 << 14;

    private static final int LARGE_BYTES = 1 << 16;
    private static final int PIECE_BYTES = 1 << 13;
    private static final byte[] NOTHING = new byte[0];

    private final int bodyBytes;
    private final long bufferedBodyBytes;
    private final AtomicLong buffered = new AtomicLong();
    private final Set<Body<?>> underWay = ConcurrentHashMap.newKeySet();
    private final Turns oneLarge = new Turns(1);
    private final Executor threads;

    /** @param threads where something is made of large bodies */
    BodyReader(RestLimits limits, Executor threads) {
        this.bodyBytes = limits.bodyBytes();
        this.bufferedBodyBytes = limits.bufferedBodyBytes();
        this.threads = threads;
    }

    /**
     * What is made of the whole body; the request must be asynchronous already. Fails with what to tell the sender. Nothing
     * of it is kept here from then on, however long the request goes on.
     */
    <T> CompletableFuture<T> read(HttpServletRequest request, Function<byte[], T> maker) {
        if (request.getContentLengthLong() > (long) bodyBytes * DROPPED_TIMES) {
            return CompletableFuture.failedFuture(tooLong());
        }
        try {
            ServletInputStream in = request.getInputStream();
            CompletableFuture<T> made = new CompletableFuture<>();
            Body<T> body = new Body<>(in, maker, made);
            underWay.add(body);
            in.setReadListener(body);
            return made;
        } catch (IOException e) {
            return CompletableFuture.failedFuture(brokeOff(e));
        }
    }

    /**
     * Goes on once it is known that the request has no body: what is in one that nobody reads would be ignored without a
     * word.
     */
    <T> CompletableFuture<T> readNone(HttpServletRequest request, Supplier<CompletableFuture<T>> then) {
        return read(request, body -> {
                    if (body.length > 0) {
                        throw new CompletionException(new ProblemException(
                                ErrorCode.BAD_MESSAGE,
                                "the request has a body of " + body.length + " bytes; expected none: "
                                        + request.getMethod() + " " + request.getRequestURI()
                                        + " takes nothing but headers and query parameters"));
                    }
                    return body;
                })
                .thenCompose(none -> then.get());
    }

    /** Bytes of bodies of which nothing was made yet. */
    long bufferedBytes() {
        return buffered.get();
    }

    private ProblemException tooLong() {
        return new ProblemException(
                ErrorCode.LIMIT_EXCEEDED, "the body is too long; expected at most " + bodyBytes + " bytes");
    }

    private static ProblemException brokeOff(Throwable failure) {
        return new ProblemException(ErrorCode.BAD_MESSAGE, "the body broke off: " + failure.getMessage());
    }

    /** Bodies hold too much together: the one is given up that comes the slowest, or has waited the longest for its turn. */
    private void bound(Body<?> newest) {
        while (buffered.get() > bufferedBodyBytes && !newest.isOver()) {
            Body<?> slowest = newest;
            for (Body<?> body : underWay) {
                if (body != newest && (slowest == newest || body.movedNanos - slowest.movedNanos < 0)) {
                    slowest = body;
                }
            }
            underWay.remove(slowest);
            slowest.fail(new ProblemException(Problem.busy(
                    "the server has more requests with large bodies than it can take now, and this one comes the"
                            + " slowest; try again",
                    BUSY_RETRY_MS)));
        }
    }

    private final class Body<T> implements ReadListener {
        private final ServletInputStream in;
        private final Function<byte[], T> maker;
        /** Null from when it is complete: Jetty keeps its listener, and so this, until the reply is sent. */
        private @Nullable CompletableFuture<T> made;

        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        /** What it has of what all bodies may hold. */
        private long held;

        private long length;
        /** When another {@link #MOVED_BYTES} had come: a byte now and then is no progress. */
        private volatile long movedNanos = System.nanoTime();

        Body(ServletInputStream in, Function<byte[], T> maker, CompletableFuture<T> made) {
            this.in = in;
            this.maker = maker;
            this.made = made;
        }

        @Override
        public void onDataAvailable() throws IOException {
            byte[] piece = new byte[PIECE_BYTES];
            while (!isOver() && in.isReady()) {
                int read = in.read(piece);
                if (read < 0) {
                    return;
                }
                take(piece, read);
            }
        }

        private void take(byte[] piece, int read) {
            if ((length + read) / MOVED_BYTES > length / MOVED_BYTES) {
                movedNanos = System.nanoTime();
            }
            length += read;
            if (length > (long) bodyBytes * DROPPED_TIMES) {
                fail(tooLong());
            } else if (length > bodyBytes) {
                release();
            } else {
                keep(piece, read);
                bound(this);
            }
        }

        /** Synchronized: another thread may give this body up. */
        private synchronized void keep(byte[] piece, int read) {
            if (made != null) {
                bytes.write(piece, 0, read);
                held += read;
                buffered.addAndGet(read);
            }
        }

        @Override
        public void onAllDataRead() {
            if (length > bodyBytes) {
                fail(tooLong());
            } else if (length < LARGE_BYTES) {
                make();
            } else {
                oneLarge.take(() -> CompletableFuture.runAsync(this::make, threads));
            }
        }

        private void make() {
            byte[] whole = takeWhole();
            if (isOver()) {
                return; // It was given up while it waited.
            }
            try {
                T value = maker.apply(whole);
                CompletableFuture<T> waiting = end();
                if (waiting != null) {
                    waiting.complete(value);
                }
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        }

        /** From here on it is not given up, and counts until something was made of it. */
        private synchronized byte[] takeWhole() {
            underWay.remove(this);
            byte[] whole = made == null ? NOTHING : bytes.toByteArray();
            bytes = new ByteArrayOutputStream(0);
            return whole;
        }

        @Override
        public void onError(Throwable failure) {
            fail(brokeOff(failure));
        }

        private void fail(Throwable failure) {
            CompletableFuture<T> waiting = end();
            if (waiting != null) {
                waiting.completeExceptionally(failure);
            }
        }

        private synchronized boolean isOver() {
            return made == null;
        }

        /** Keeps nothing any more. Returns who waits for what was to be made of it, once. */
        private synchronized @Nullable CompletableFuture<T> end() {
            release();
            CompletableFuture<T> waiting = made;
            made = null;
            return waiting;
        }

        /** Gives back what this body holds. */
        private synchronized void release() {
            underWay.remove(this);
            buffered.addAndGet(-held);
            held = 0;
            bytes = new ByteArrayOutputStream(0);
        }
    }
}
