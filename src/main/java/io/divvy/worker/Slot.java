package io.divvy.worker;

import io.divvy.guard.Failure;
import io.divvy.worker.LeaseQueue.Batch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs batches of subtasks, one at a time. It lives as long as the worker, and knows nothing of leases and
 * connections: it runs a batch to its end, or to where it is told to stop.
 */
final class Slot implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);

    private final Workshop workshop;
    private final int number;
    private final Thread thread;
    /** Set and read while the workshop's core is held; only the thread reads it otherwise. */
    private @Nullable BatchRun current;

    Slot(Workshop workshop, int number) {
        this.workshop = workshop;
        this.number = number;
        this.thread = new Thread(this, "divvy-slot-" + number);
        this.thread.setDaemon(true);
    }

    int number() {
        return number;
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        try {
            for (BatchRun taken = take(); taken != null; taken = take()) {
                try {
                    taken.run();
                } finally {
                    workshop.finished(this, taken.next());
                }
            }
        } catch (Throwable e) {
            // The heartbeats would go on, and nobody would notice that one slot less works.
            workshop.doubt(thread.getName() + " ended: " + Failure.of(e));
        }
    }

    private @Nullable BatchRun take() {
        while (true) {
            try {
                return workshop.take(this) ? current : null;
            } catch (InterruptedException e) {
                // The worker interrupts the thread only while a subtask runs; but code of a task type may keep the
                // thread.
                LOG.info("{} was interrupted by somebody while it waited for work", thread.getName());
            }
        }
    }

    // While the core is held.

    void hold(Batch batch) {
        current = new BatchRun(workshop, number, batch, thread);
    }

    void letGo() {
        current = null;
    }

    /** What it has; null if it is free. */
    @Nullable
    BatchRun current() {
        return current;
    }
}
