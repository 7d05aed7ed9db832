package io.divvy.bench;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The connections and threads of one run. Closing it ends them all; what broke one of them before that is thrown then, so
 * that a figure is never shown for a run in which something failed.
 */
final class Crew implements AutoCloseable {
    private final List<Closeable> connections = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean closing;

    /** What a thread of the crew does. It ends when its connection is closed. */
    @FunctionalInterface
    interface Job {
        void run() throws Exception;
    }

    RawConnection connect(InetSocketAddress address) throws IOException {
        RawConnection connection = RawConnection.open(address);
        connections.add(connection);
        return connection;
    }

    void start(String name, Job job) {
        Thread thread = new Thread(() -> run(job), "bench-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void run(Job job) {
        try {
            job.run();
        } catch (Exception e) {
            if (!closing) {
                failure.compareAndSet(null, e);
                closeConnections();
            }
        }
    }

    /** Also wakes whoever waits for an answer that will not come. */
    private void closeConnections() {
        closing = true;
        for (Closeable connection : connections) {
            try {
                connection.close();
            } catch (IOException e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        closeConnections();
        for (Thread thread : threads) {
            thread.interrupt(); // One may wait for another thread, not for its connection.
            thread.join();
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IOException("a client of the benchmark failed: " + first, first);
        }
    }
}
