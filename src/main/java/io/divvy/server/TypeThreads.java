package io.divvy.server;

import io.divvy.guard.Failure;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that run what must not run on the loop: the code of one type that did not ship, or what is large of all others.
 * As many run as there are processors, or as the limits allow; one that is at a call for long gets another beside it. One that
 * is at a call for too long is given up, its task fails, and another takes its place. So quick tasks pass slow ones, until all
 * that the type may have are given up: then it is refused.
 */
final class TypeThreads implements ThreadedLane.Threads, CallThread.Work {
    private static final Logger LOG = LoggerFactory.getLogger(TypeThreads.class);
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    /** What of the stack of a call that never returned is logged. */
    private static final int SHOWN_FRAMES = 8;

    private static final Failure ENDED = Failure.of(new IllegalStateException("the task has ended"));

    private final String type;
    private final TypeLimits limits;
    private final Loop loop;
    private final ByteBudget aheadBudget;
    /** Lanes that wait for a thread, the one that waits longest first. */
    private final Deque<ThreadedLane> ready = new ArrayDeque<>();

    private final Set<CallThread> threads = new LinkedHashSet<>();
    /** Threads whose call has not come back. */
    private final Set<CallThread> stuck = new LinkedHashSet<>();

    private int idle;
    private int started;
    /** What waits or runs. Changed under the lock of this object. */
    private final AtomicLong waitingBytes = new AtomicLong();

    private boolean isClosed;

    /** Where calls come from, and what they gave goes to. */
    interface Loop {
        /** Something runs from now on, so its time is looked at. On the loop. */
        void watch();

        /** What foreign code gave goes to who asked for it. From any thread. */
        void deliver(Runnable answer);
    }

    TypeThreads(String type, TypeLimits limits, Loop loop) {
        this.type = type;
        this.limits = limits;
        this.loop = loop;
        this.aheadBudget = new ByteBudget(limits.payloadAheadBytes());
    }

    @Override
    public ByteBudget aheadBudget() {
        return aheadBudget;
    }

    @Override
    public void call(ThreadedLane.Job<?> job) {
        Failure refusal = enqueue(job);
        if (refusal == null) {
            loop.watch();
        } else {
            job.fail(refusal);
        }
    }

    private synchronized @Nullable Failure enqueue(ThreadedLane.Job<?> job) {
        ThreadedLane lane = job.lane();
        if (lane.brokenBy != null) {
            return lane.brokenBy;
        }
        if (isRefused()) {
            return refused();
        }
        if (waitingBytes() > 0 && waitingBytes() + job.bytes() > limits.waitingBytes()) {
            return Failure.of(new RefusedException(
                    ErrorCode.BUSY,
                    "more than " + limits.waitingBytes() + " bytes wait for the code of the task type " + type,
                    TypeLimits.FULL_RETRY_MS));
        }
        waitingBytes.addAndGet(job.bytes());
        lane.jobs.add(job);
        if (!lane.isTaken) {
            lane.isTaken = true;
            ready.add(lane);
            help();
        }
        return null;
    }

    private Failure refused() {
        return Failure.of(new RefusedException(
                ErrorCode.BUSY,
                "the task type " + type + " is refused: " + stuck.size()
                        + " calls of its code never returned; mend its code and start the server again",
                TypeLimits.REFUSED_RETRY_MS));
    }

    private boolean isRefused() {
        return stuck.size() >= limits.threads();
    }

    /** Sees to it that somebody runs what is ready. */
    private void help() {
        if (ready.isEmpty() || isClosed) {
            return;
        }
        if (idle > 0) {
            notify();
            return;
        }
        long slow = threads.stream()
                .filter(thread -> thread.callMs() >= TypeLimits.SLOW_MS)
                .count();
        if (threads.size() - slow < PROCESSORS && threads.size() + stuck.size() < limits.threads()) {
            start();
        }
    }

    private void start() {
        started++;
        CallThread thread = new CallThread(this, "divvy-type-" + type + "-" + started);
        threads.add(thread);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            threads.remove(thread);
            LOG.warn("{} cannot be started, later is tried again: {}", thread.getName(), e.getMessage());
        }
    }

    @Override
    public synchronized ThreadedLane.@Nullable Job<?> next(CallThread thread) {
        while (!isClosed && !thread.isGivenUp() && awaitWork()) {
            ThreadedLane lane = ready.remove();
            ThreadedLane.Job<?> job = lane.jobs.poll();
            if (job != null) {
                thread.take(job);
                return job;
            }
            lane.isTaken = false;
        }
        threads.remove(thread);
        return null;
    }

    /** Returns false if there is none for long, or never any more. */
    private boolean awaitWork() {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TypeLimits.IDLE_MS);
        while (ready.isEmpty() && !isClosed) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
            if (leftMs <= 0) {
                return false;
            }
            idle++;
            try {
                wait(leftMs);
            } catch (InterruptedException e) {
                LOG.debug(
                        "{} was interrupted while it was idle",
                        Thread.currentThread().getName());
            } finally {
                idle--;
            }
        }
        return !isClosed;
    }

    @Override
    public void ran(CallThread thread, ThreadedLane.Job<?> job, Runnable answer) {
        synchronized (this) {
            thread.job = null; // From here on it is not given up.
            if (thread.isGivenUp()) {
                stuck.remove(thread);
                LOG.info("a call of the task type {} came back that was given up; {} are away", type, stuck.size());
                return;
            }
        }
        loop.deliver(answer); // Before another thread takes the lane: answers come in the order of the calls.
        synchronized (this) {
            waitingBytes.addAndGet(-job.bytes());
            if (job.lane().jobs.isEmpty()) {
                job.lane().isTaken = false;
            } else {
                ready.add(job.lane());
            }
        }
    }

    @Override
    public void begin(String call) {
        if (Thread.currentThread() instanceof CallThread thread) {
            thread.begin(call);
        }
    }

    @Override
    public void end(ThreadedLane lane) {
        List<Runnable> failures = new ArrayList<>();
        synchronized (this) {
            lane.brokenBy = lane.brokenBy == null ? ENDED : lane.brokenBy;
            failAll(lane, ENDED, failures);
        }
        failures.forEach(Runnable::run);
    }

    /** Gives up what takes too long. Returns whether anything runs or waits. On the loop. */
    boolean check(long sinceLastCheckMs) {
        List<Runnable> failures = new ArrayList<>();
        boolean isBusy = check(sinceLastCheckMs, failures);
        failures.forEach(Runnable::run);
        return isBusy;
    }

    private synchronized boolean check(long sinceLastCheckMs, List<Runnable> failures) {
        for (CallThread thread : List.copyOf(threads)) {
            if (thread.look(sinceLastCheckMs) >= limits.callMs()) {
                giveUp(thread, failures);
            }
        }
        if (isRefused()) {
            for (ThreadedLane lane : ready) {
                lane.isTaken = false;
                failAll(lane, refused(), failures);
            }
            ready.clear();
        }
        help();
        return waitingBytes() > 0; // All that runs or waits counts there, also while its thread is on its way back.
    }

    private void giveUp(CallThread thread, List<Runnable> failures) {
        ThreadedLane.Job<?> job = thread.job;
        if (job == null) {
            return;
        }
        threads.remove(thread);
        stuck.add(thread);
        Failure failure = Failure.unreturned(thread.call(), limits.callMs());
        LOG.error(
                "task type {}: {}; its task fails, and its thread is lost: {} of {}{}. It is at {}",
                type,
                failure,
                stuck.size(),
                limits.threads(),
                isRefused() ? ", so that the type is refused from now on" : "",
                frames(thread));
        thread.giveUp();
        waitingBytes.addAndGet(-job.bytes());
        job.lane().brokenBy = failure;
        failures.add(() -> job.fail(failure));
        failAll(job.lane(), failure, failures);
    }

    private void failAll(ThreadedLane lane, Failure failure, List<Runnable> failures) {
        for (ThreadedLane.Job<?> job : lane.jobs) {
            waitingBytes.addAndGet(-job.bytes());
            failures.add(() -> job.fail(failure));
        }
        lane.jobs.clear();
    }

    private static List<StackTraceElement> frames(CallThread thread) {
        StackTraceElement[] frames = thread.getStackTrace();
        return List.of(frames).subList(0, Math.min(frames.length, SHOWN_FRAMES));
    }

    /** What waits or runs. From any thread, without a lock: the loop asks in each turn. */
    long waitingBytes() {
        return waitingBytes.get();
    }

    /** Null while all calls return. From any thread. */
    synchronized @Nullable StuckType stuck() {
        return stuck.isEmpty() ? null : new StuckType(type, stuck.size(), isRefused());
    }

    /** Runs nothing more. What runs is interrupted, and nobody waits for it. */
    synchronized void close() {
        isClosed = true;
        threads.forEach(Thread::interrupt);
        notifyAll();
    }
}
