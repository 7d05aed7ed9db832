package io.divvy.rest;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that make answers: what takes work must not keep Jetty's threads from what does not. */
final class AnswerThreads implements Executor {
    private final ThreadPoolExecutor pool;

    AnswerThreads(int count) {
        this.pool = new ThreadPoolExecutor(
                count, count, 0, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), AnswerThread::new);
    }

    private final class AnswerThread extends Thread {
        AnswerThread(Runnable tasks) {
            super(tasks, "divvy-answers");
        }

        boolean isOf(AnswerThreads threads) {
            return threads == AnswerThreads.this;
        }
    }

    /** Runs the task on one of these threads, behind all that waits for one. */
    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Runs the task at once where one of these threads asks for it: what it has made need not wait for a thread again. */
    void executeHere(Runnable task) {
        if (Thread.currentThread() instanceof AnswerThread thread && thread.isOf(this)) {
            task.run();
        } else {
            pool.execute(task);
        }
    }

    /** How many tasks have been handed to these threads; exact while there are none under way. */
    long handedOver() {
        return pool.getTaskCount();
    }

    void shutdown() {
        pool.shutdown();
    }
}
