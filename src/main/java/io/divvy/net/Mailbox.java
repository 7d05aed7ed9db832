package io.divvy.net;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What other threads ask the loop to run. From any thread, unless it says otherwise. */
final class Mailbox {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    void add(Runnable task) {
        size.incrementAndGet();
        tasks.add(task);
    }

    /** Returns whether it was still there. */
    boolean remove(Runnable task) {
        return tasks.remove(task);
    }

    boolean isEmpty() {
        return tasks.isEmpty();
    }

    int size() {
        return size.get();
    }

    /** Runs what waits now; what that adds waits for the next turn, so that sockets get theirs. On the loop's thread. */
    void run() {
        for (int left = size.get(); left > 0; left--) {
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            size.decrementAndGet();
            Mistakes.guarded("a task from another thread", task);
        }
    }
}
