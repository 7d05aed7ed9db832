package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads bodies of requests without holding a thread while they are on their way: many slow senders must not stop the door.
 * Bounded in what one body may have, and in what all together hold: beyond that the slowest one is given up, as those who
 * send slowly must not keep out those who do not.
 */
final class BodyReader {
    /** A body that is too long is read on and dropped for this many times the limit, so that its sender hears why. */
    private static final int DROPPED_TIMES = 4;

    private static final long BUSY_RETRY_MS = 1_000;
    /** A second's worth of a connection that is slow, and not one that is only kept. */
    private static final int MOVED_BYTES = 1 << 14;

    private final int bodyBytes;
    private final long bufferedBodyBytes;
    private final AtomicLong buffered = new AtomicLong();
    private final Set<Body> underWay = ConcurrentHashMap.newKeySet();

    BodyReader(RestLimits limits) {
        this.bodyBytes = limits.bodyBytes();
        this.bufferedBodyBytes = limits.bufferedBodyBytes();
    }

    /** Reads the whole body; the request must be asynchronous already. Fails with what to tell the sender. */
    CompletableFuture<byte[]> read(HttpServletRequest request) {
        if (request.getContentLengthLong() > (long) bodyBytes * DROPPED_TIMES) {
            return CompletableFuture.failedFuture(tooLong());
        }
        try {
            ServletInputStream in = request.getInputStream();
            Body body = new Body(in);
            underWay.add(body);
            in.setReadListener(body);
            return body.whole;
        } catch (IOException e) {
            return CompletableFuture.failedFuture(brokeOff(e));
        }
    }

    private ProblemException tooLong() {
        return new ProblemException(
                ErrorCode.LIMIT_EXCEEDED, "the body is too long; expected at most " + bodyBytes + " bytes");
    }

    private static ProblemException brokeOff(Throwable failure) {
        return new ProblemException(ErrorCode.BAD_MESSAGE, "the body broke off: " + failure.getMessage());
    }

    /** Bodies on their way hold too much together: the one that comes the slowest is given up. */
    private void bound(Body newest) {
        while (buffered.get() > bufferedBodyBytes) {
            Body slowest = underWay.stream()
                    .filter(body -> body != newest)
                    .min((one, other) -> Long.signum(one.movedNanos - other.movedNanos))
                    .orElse(newest);
            underWay.remove(slowest);
            slowest.fail(new ProblemException(Problem.busy(
                    "the server has more requests with large bodies than it can take now, and this one comes the"
                            + " slowest; try again",
                    BUSY_RETRY_MS)));
        }
    }

    private final class Body implements ReadListener {
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final byte[] piece = new byte[1 << 13];
        private final ServletInputStream in;
        private long length;
        /** When another {@link #MOVED_BYTES} had come: a byte now and then is no progress. */
        private volatile long movedNanos = System.nanoTime();

        Body(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public void onDataAvailable() throws IOException {
            while (!whole.isDone() && in.isReady()) {
                int read = in.read(piece);
                if (read < 0) {
                    return;
                }
                take(read);
            }
        }

        private void take(int read) {
            if ((length + read) / MOVED_BYTES > length / MOVED_BYTES) {
                movedNanos = System.nanoTime();
            }
            length += read;
            if (length > (long) bodyBytes * DROPPED_TIMES) {
                fail(tooLong());
            } else if (length > bodyBytes) {
                release();
            } else {
                keep(read);
                bound(this);
            }
        }

        /** Synchronized: another thread may give this body up. */
        private synchronized void keep(int read) {
            if (!whole.isDone()) {
                bytes.write(piece, 0, read);
                buffered.addAndGet(read);
            }
        }

        @Override
        public void onAllDataRead() {
            if (length > bodyBytes) {
                fail(tooLong());
            } else {
                byte[] all;
                synchronized (this) {
                    all = bytes.toByteArray();
                }
                release();
                whole.complete(all);
            }
        }

        @Override
        public void onError(Throwable failure) {
            fail(brokeOff(failure));
        }

        private void fail(ProblemException failure) {
            release();
            whole.completeExceptionally(failure);
            release(); // What came between the two.
        }

        /** Gives back what this body holds of the budget. */
        private synchronized void release() {
            underWay.remove(this);
            buffered.addAndGet(-bytes.size());
            bytes.reset();
        }
    }
}
