package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.net.InetSocketAddress;
import java.util.List;

/** A worker on a thread of its own. */
final class RunningWorker implements AutoCloseable {
    private static final long END_TIMEOUT_MS = 20_000;

    private final Worker worker;
    private final Thread thread;

    RunningWorker(ServerOfWorkers server, int slots, TaskType type) {
        this(server, slots, type, ProtocolLimits.SERVER_SILENCE_MS);
    }

    RunningWorker(ServerOfWorkers server, int slots, TaskType type, long serverSilenceMs) {
        this(server.address(), slots, type, serverSilenceMs);
    }

    RunningWorker(InetSocketAddress server, int slots, TaskType type, long serverSilenceMs) {
        worker = new Worker(
                new Worker.Config(server, "tested", slots, 1_000, new TaskTypes(List.of(type))), null, serverSilenceMs);
        thread = new Thread(
                () -> {
                    try {
                        worker.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "tested-worker");
        thread.setDaemon(true);
        thread.start();
    }

    Worker worker() {
        return worker;
    }

    /** Waits until its run has returned. */
    void awaitEnd() throws InterruptedException {
        thread.join(END_TIMEOUT_MS);
        assertFalse(thread.isAlive(), "the worker did not end");
    }

    /** Ends it without waiting for what does not end. */
    @Override
    public void close() {
        Thread drainer = new Thread(worker::drain, "tested-worker-end");
        drainer.setDaemon(true);
        drainer.start();
    }
}
