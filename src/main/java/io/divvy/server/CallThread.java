package io.divvy.server;

import org.jspecify.annotations.Nullable;

/** A thread that runs the code of one foreign type, until it is idle for long, or a call never comes back. */
final class CallThread extends Thread {
    private final Work work;

    private volatile boolean isGivenUp;
    private volatile String call = "";
    /** Goes up with each call of foreign code. */
    private volatile long calls;

    // Guarded by the TypeThreads that it belongs to.

    /** What it runs now. */
    ThreadedLane.@Nullable Job<?> job;

    private long callsSeen;
    private long callMs;

    /** Where it gets what it runs. */
    interface Work {
        /** What the thread is to run next; null if it is to end. */
        ThreadedLane.@Nullable Job<?> next(CallThread thread);

        /** The call came back. By the thread itself. */
        void ran(CallThread thread, ThreadedLane.Job<?> job, Runnable answer);
    }

    CallThread(Work work, String name) {
        super(name);
        this.work = work;
        setDaemon(true); // One that never comes back must not keep the process.
    }

    @Override
    public void run() {
        for (ThreadedLane.Job<?> next = work.next(this); next != null; next = work.next(this)) {
            work.ran(this, next, next.run());
        }
    }

    /** Foreign code is called next. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // Only this thread writes it.
    void begin(String next) {
        if (isGivenUp) {
            throw new IllegalStateException("the call before came back too late");
        }
        call = next;
        calls++;
    }

    /** The call that it is at. */
    String call() {
        return call;
    }

    boolean isGivenUp() {
        return isGivenUp;
    }

    /** Nobody waits for what it runs any more. */
    void giveUp() {
        isGivenUp = true;
        interrupt();
    }

    void take(ThreadedLane.Job<?> next) {
        job = next;
        callsSeen = calls;
        callMs = 0;
    }

    /** Looks at how long it has been at one call. Returns that time, in milliseconds. */
    long look(long sinceLastLookMs) {
        long now = calls;
        if (job == null || now != callsSeen) {
            callsSeen = now;
            callMs = 0;
        } else {
            callMs += sinceLastLookMs;
        }
        return callMs;
    }

    /** How long it had been at one call at the last look. */
    long callMs() {
        return job == null ? 0 : callMs;
    }
}
