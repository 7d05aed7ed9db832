package io.divvy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A protocol-2 worker that does all that is asked of it, on a thread of its own, until it is closed. */
public final class DiligentWorker implements AutoCloseable {
    private final WirePeer peer;
    private final Thread thread;

    @Nullable
    private volatile Throwable failure;

    public DiligentWorker(TcpServer server, int slots) {
        this(WirePeer.worker(server, slots));
    }

    private DiligentWorker(WirePeer peer) {
        this.peer = peer;
        this.thread = new Thread(this::work, "diligent-worker");
        thread.start();
    }

    /** Whether it is still connected and was never refused. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void work() {
        try {
            while (true) {
                JsonNode message = peer.receive();
                switch (message.path("type").asText()) {
                    case "assign" -> peer.answer(message);
                    case "error" -> throw new AssertionError("an honest worker was refused: " + message);
                    default -> {
                        // Nothing to do for it.
                    }
                }
            }
        } catch (UncheckedIOException e) {
            return; // Closed, by us or by the server.
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
    }

    @Override
    public void close() {
        peer.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }
}
