package io.divvy.rest;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes large replies without a thread that waits for slow clients. What waits for all of them is bounded: beyond it the one
 * that has waited the longest is cut off.
 */
final class SlowReplies {
    /** What is not larger is kept by Jetty until it is written, which no thread waits for. */
    static final int SMALL_BYTES = 8 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(SlowReplies.class);

    private final long atMostBytes;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final Set<OneReply> underWay = ConcurrentHashMap.newKeySet();

    SlowReplies(long atMostBytes) {
        this.atMostBytes = atMostBytes;
    }

    /** Writes all of the body; completes when Jetty has taken it, or the client has gone. The request is asynchronous. */
    CompletableFuture<Void> write(byte[] body, ServletOutputStream out, ClientEndPoint client) {
        OneReply reply = new OneReply(begun.incrementAndGet(), body, out, client);
        underWay.add(reply);
        waitingBytes.addAndGet(body.length);
        reply.done.whenComplete((done, failure) -> {
            underWay.remove(reply);
            waitingBytes.addAndGet(-body.length);
        });
        bound();
        out.setWriteListener(reply);
        return reply.done;
    }

    /** Bytes of replies that are not written yet. */
    long waitingBytes() {
        return waitingBytes.get();
    }

    private void bound() {
        while (waitingBytes.get() > atMostBytes && underWay.size() > 1) {
            underWay.stream()
                    .min(Comparator.comparingLong(reply -> reply.order))
                    .ifPresent(slowest -> {
                        LOG.info(
                                "{} does not read its reply of {} bytes; it is cut off, as {} bytes wait for all",
                                slowest.client.getRemoteSocketAddress(),
                                slowest.body.length,
                                waitingBytes.get());
                        slowest.client.close();
                        slowest.done.complete(null);
                    });
        }
    }

    private static final class OneReply implements WriteListener {
        private final long order;
        private final byte[] body;
        private final ServletOutputStream out;
        private final ClientEndPoint client;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private boolean isWritten;

        OneReply(long order, byte[] body, ServletOutputStream out, ClientEndPoint client) {
            this.order = order;
            this.body = body;
            this.out = out;
            this.client = client;
        }

        @Override
        public void onWritePossible() throws IOException {
            if (!isWritten && out.isReady()) {
                isWritten = true;
                out.write(body);
            }
            if (isWritten && out.isReady()) {
                done.complete(null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            LOG.debug("{} took no more of its reply: {}", client, failure.getMessage());
            done.complete(null);
        }
    }
}
