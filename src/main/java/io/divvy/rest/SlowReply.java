package io.divvy.rest;

import jakarta.servlet.WriteListener;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A large reply on its way to a client that may be slow. No thread waits for it. */
abstract class SlowReply implements WriteListener {
    private static final Logger LOG = LoggerFactory.getLogger(SlowReply.class);

    private final ClientEndPoint client;
    private final long keptBytes;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile long takenNanos = System.nanoTime();

    /** @param keptBytes that it takes in memory until it is done */
    SlowReply(ClientEndPoint client, long keptBytes) {
        this.client = client;
        this.keptBytes = keptBytes;
    }

    /** Completes when Jetty has taken all of it, the client has gone, or it was cut off. */
    CompletableFuture<Void> done() {
        return done;
    }

    long keptBytes() {
        return keptBytes;
    }

    ClientEndPoint client() {
        return client;
    }

    /** When the client took something, or the reply began, by {@link System#nanoTime}. */
    long takenNanos() {
        return takenNanos;
    }

    void taken() {
        takenNanos = System.nanoTime();
    }

    /** Ends it before its end, in a way that the client cannot take for the end of the reply. */
    void cutOff() {
        client.abort();
        done.complete(null);
    }

    @Override
    public void onError(Throwable failure) {
        LOG.debug("{} took no more of its reply: {}", client, failure.getMessage());
        client.abort();
        done.complete(null);
    }
}
