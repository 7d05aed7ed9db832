package io.divvy.worker;

import io.divvy.net.FrameSocket;
import io.divvy.net.HostAndPort;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.task.TaskTypes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works for a server until it is drained, by its own process or by the server. It connects again whenever the connection is
 * lost, and at first start too. Subtasks that run go on meanwhile; their results are offered on the next connection.
 */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    // A server that was started anew waits some two seconds for the workers that it had.
    private static final long FIRST_RETRY_MS = 100;
    private static final long LONGEST_RETRY_MS = 1_000;

    private final Config config;
    private final Workshop workshop;
    private final Object lock = new Object();
    // Guarded by lock.
    private boolean draining;
    private @Nullable WorkSession session;

    /**
     * @param name for people: logs, errors
     * @param slots subtasks that run at once
     * @param credit subtasks that it will hold unanswered, at least {@code slots}; more keeps slots busy while messages travel
     */
    public record Config(InetSocketAddress server, String name, int slots, int credit, TaskTypes types) {}

    public Worker(Config config) {
        this.config = config;
        this.workshop = new Workshop(config.slots());
    }

    /** Works until {@link #drain}, or until the server says that it is not needed any more. */
    public void run() throws InterruptedException {
        workshop.open();
        try {
            connectAgainAndAgain();
        } finally {
            workshop.close();
        }
    }

    private void connectAgainAndAgain() throws InterruptedException {
        long retryMs = FIRST_RETRY_MS;
        boolean saidSo = false;
        while (!isDraining()) {
            try {
                FrameSocket socket =
                        FrameSocket.connect(config.server(), CONNECT_TIMEOUT_MS, ProtocolLimits.MAX_FRAME_BYTES);
                WorkSession current = new WorkSession(socket, config, workshop);
                if (!begin(current)) {
                    socket.close();
                    return;
                }
                String reason = current.run();
                if (isDraining() || current.isDismissed()) {
                    return;
                }
                if (current.wasWelcomed()) {
                    retryMs = FIRST_RETRY_MS;
                    saidSo = false;
                }
                LOG.warn("worker {}: the connection ended: {}; connecting again", config.name(), reason);
            } catch (IOException e) {
                if (!saidSo) {
                    LOG.info(
                            "worker {}: no server at {} yet ({}); trying until there is one",
                            config.name(),
                            HostAndPort.text(config.server()),
                            e.getMessage());
                    saidSo = true;
                }
            }
            waitBeforeRetry(retryMs);
            retryMs = Math.min(LONGEST_RETRY_MS, 2 * retryMs);
        }
    }

    /**
     * Finishes the subtasks that run, gives back the others, and lets {@link #run} return. Waits for that, unless there is no
     * connection: there is nobody then to whom the results could be said.
     */
    public void drain() {
        WorkSession current;
        synchronized (lock) {
            draining = true;
            current = session;
            lock.notifyAll();
        }
        if (current != null) {
            current.drain();
        }
    }

    private boolean begin(WorkSession current) {
        synchronized (lock) {
            session = current;
            return !draining;
        }
    }

    private boolean isDraining() {
        synchronized (lock) {
            return draining;
        }
    }

    /** Up to a quarter less than that, at random: workers that lost their server together do not all come at once. */
    private void waitBeforeRetry(long retryMs) throws InterruptedException {
        long waitMs = retryMs - ThreadLocalRandom.current().nextLong(retryMs / 4);
        long deadlineNanos = System.nanoTime() + waitMs * 1_000_000;
        synchronized (lock) {
            while (!draining) {
                long leftMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    return;
                }
                lock.wait(leftMs);
            }
        }
    }
}
