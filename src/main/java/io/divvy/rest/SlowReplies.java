package io.divvy.rest;

import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Large replies on their way, without a thread that waits for slow clients. What they keep in memory is bounded for all of
 * them. For a reply that is there as a whole, the client that has taken nothing for the longest is cut off. One that is made
 * while it is sent waits for room for a moment, and gets that of a client that takes nothing; if all of them do read, it is
 * told to come back.
 */
final class SlowReplies implements AutoCloseable {
    /** What is not larger is kept by Jetty until it is written, which no thread waits for. */
    static final int SMALL_BYTES = 8 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(SlowReplies.class);
    /** How long a stream waits for room; also how long a client may take nothing before another one gets its room. */
    private static final long PATIENCE_MS = 1_000;

    private static final long RETRY_MS = 1_000;

    private final long atMostBytes;
    private final Set<SlowReply> underWay = ConcurrentHashMap.newKeySet();
    private final Queue<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    private long keptBytes;

    private final long idleMs;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "divvy-http-replies");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param atMostBytes that all replies keep
     * @param idleMs after which a client is dropped that takes nothing of its reply
     */
    SlowReplies(long atMostBytes, long idleMs) {
        this.atMostBytes = atMostBytes;
        this.idleMs = idleMs;
        long everyMs = Math.max(1, idleMs / 4);
        watch.scheduleWithFixedDelay(this::dropIdle, everyMs, everyMs, TimeUnit.MILLISECONDS);
    }

    /** Nobody is dropped any more. */
    @Override
    public void close() {
        watch.shutdown();
    }

    private void dropIdle() {
        long nowNanos = System.nanoTime();
        underWay.forEach(reply -> {
            try {
                if (nowNanos - reply.takenNanos() > TimeUnit.MILLISECONDS.toNanos(idleMs)) {
                    LOG.debug("{} has not read for {} ms; it is dropped", reply.client(), idleMs);
                    reply.cutOff();
                }
            } catch (RuntimeException | Error e) { // Thrown on, it would end the looks for good.
                LOG.error("dropping a client that does not read failed", e);
            }
        });
    }

    /** Writes all of the body; completes when Jetty has taken it, or the client has gone. The request is asynchronous. */
    CompletableFuture<Void> write(byte[] body, ServletOutputStream out, ClientEndPoint client) {
        synchronized (this) {
            keptBytes += body.length;
        }
        CompletableFuture<Void> done = start(new WholeReply(body, out, client), out);
        bound();
        return done;
    }

    /** Room for one reply that is made while it is sent. Fails as busy if there is none in time. */
    CompletableFuture<Void> room() {
        CompletableFuture<Void> room = new CompletableFuture<>();
        synchronized (this) {
            waiting.add(room);
        }
        letIn();
        if (!room.isDone()) {
            CompletableFuture.delayedExecutor(PATIENCE_MS, TimeUnit.MILLISECONDS)
                    .execute(() -> letInOrRefuse(room));
        }
        return room;
    }

    /**
     * Sends a body that has got its {@link #room}.
     *
     * @param pieces a turn for each piece in memory
     * @param threads where pieces become bytes of the body
     */
    CompletableFuture<Void> stream(Context request, ResultBody body, Turns pieces, Executor threads) {
        try {
            ServletOutputStream out = request.res().getOutputStream();
            return start(new ResultStream(body, out, ClientConnections.of(request), pieces, threads), out);
        } catch (IOException | RuntimeException | Error e) {
            leave(ResultStream.BUFFER_BYTES);
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Bytes that replies keep which are not written yet. */
    synchronized long waitingBytes() {
        return keptBytes;
    }

    /** It gives its room back when it is done. */
    private CompletableFuture<Void> start(SlowReply reply, ServletOutputStream out) {
        underWay.add(reply);
        reply.done().whenComplete((done, failure) -> {
            underWay.remove(reply);
            leave(reply.keptBytes());
        });
        try {
            out.setWriteListener(reply);
        } catch (RuntimeException e) {
            LOG.debug("{} has gone before its reply", reply.client(), e);
            reply.cutOff();
        }
        return reply.done();
    }

    private void leave(long bytes) {
        synchronized (this) {
            keptBytes -= bytes;
        }
        letIn();
    }

    private void letIn() {
        for (CompletableFuture<Void> next = next(); next != null; next = next()) {
            next.complete(null);
        }
    }

    private synchronized @Nullable CompletableFuture<Void> next() {
        boolean hasRoom = keptBytes == 0 || keptBytes + ResultStream.BUFFER_BYTES <= atMostBytes;
        CompletableFuture<Void> next = hasRoom ? waiting.poll() : null;
        if (next != null) {
            keptBytes += ResultStream.BUFFER_BYTES;
        }
        return next;
    }

    private void letInOrRefuse(CompletableFuture<Void> room) {
        if (room.isDone()) {
            return;
        }
        long nowNanos = System.nanoTime();
        slowest()
                .filter(reply -> nowNanos - reply.takenNanos() > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS))
                .ifPresent(this::cutOff);
        letIn();
        boolean isRefused;
        synchronized (this) {
            isRefused = waiting.remove(room);
        }
        if (isRefused) {
            room.completeExceptionally(new ProblemException(Problem.busy(
                    "as many results are being read as the server has memory for (" + underWay.size() + "); try again",
                    RETRY_MS)));
        }
    }

    private void bound() {
        while (waitingBytes() > atMostBytes && underWay.size() > 1) {
            slowest().ifPresent(this::cutOff);
        }
    }

    private Optional<SlowReply> slowest() {
        long nowNanos = System.nanoTime();
        return underWay.stream().max(Comparator.comparingLong(reply -> nowNanos - reply.takenNanos()));
    }

    private void cutOff(SlowReply reply) {
        LOG.info(
                "{} does not read its answer; it is cut off, because {} bytes wait for all",
                reply.client().getRemoteSocketAddress(),
                waitingBytes());
        reply.cutOff();
    }

    private static final class WholeReply extends SlowReply {
        private final byte[] body;
        private final ServletOutputStream out;
        private int written;

        WholeReply(byte[] body, ServletOutputStream out, ClientEndPoint client) {
            super(client, body.length);
            this.body = body;
            this.out = out;
        }

        @Override
        public void onWritePossible() throws IOException {
            while (out.isReady()) {
                taken();
                if (written == body.length) {
                    done().complete(null);
                    return;
                }
                int from = written;
                written = Math.min(body.length, from + ResultStream.BUFFER_BYTES);
                out.write(body, from, written - from); // Piece by piece, so that it shows whether its client reads.
            }
        }
    }
}
