package io.divvy.worker;

import io.divvy.guard.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs batches of subtasks, one at a time. It lives as long as the worker, and knows nothing of leases and
 * connections: it runs a batch to its end, or to where it is told to stop.
 */
final class Slot implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);

    private final Feed feed;
    private final int number;
    private final Thread thread;

    /** Where batches come from. */
    interface Feed {
        /** Waits for a batch, which the calling thread is to run and then to finish; null once nothing more is begun. */
        @Nullable
        BatchRun take(int slot) throws InterruptedException;

        /** The slot is done with its batch, of which nothing from {@code next} on was begun. */
        void finished(int slot, long next);

        /** This process had better be started anew. */
        void doubt(String why);
    }

    Slot(Feed feed, int number) {
        this.feed = feed;
        this.number = number;
        this.thread = new Thread(this, "divvy-slot-" + number);
        this.thread.setDaemon(true);
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
                    feed.finished(number, taken.next());
                }
            }
        } catch (Throwable e) {
            // The heartbeats would go on, and nobody would notice that one slot less works.
            feed.doubt(thread.getName() + " ended: " + Failure.of(e));
        }
    }

    private @Nullable BatchRun take() {
        while (true) {
            try {
                return feed.take(number);
            } catch (InterruptedException e) {
                // The worker interrupts the thread only while a subtask runs; but code of a task type may keep the
                // thread.
                LOG.info("{} was interrupted by somebody while it waited for work", thread.getName());
            }
        }
    }
}
