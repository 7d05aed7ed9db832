package io.divvy.server;

import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A lane off the loop. Its state is guarded by the {@link TypeThreads} that it belongs to. */
final class ThreadedLane implements TypeLane {
    private final Threads threads;
    private final boolean isForeign;

    final Deque<Job<?>> jobs = new ArrayDeque<>();
    /** Whether it waits for a thread, or has one. */
    boolean isTaken;
    /** Why nothing runs here any more: a call never returned, and what it left is in nobody knows what state; or the end. */
    @Nullable
    Failure brokenBy;

    /** Those that run what is in the lane. */
    interface Threads {
        /** On the loop. */
        void call(Job<?> job);

        /** To be called by one of them before each call of foreign code; by another it does nothing. */
        void begin(String call);

        /** Nothing more runs in the lane. On the loop. */
        void end(ThreadedLane lane);

        /** What payloads may take that are made before anybody asks for them. */
        ByteBudget aheadBudget();
    }

    /** A call in line. */
    record Job<T>(ThreadedLane lane, String what, long bytes, Guard.Code<T> code, Consumer<Outcome<T>> then) {
        /** Runs it, on a thread of its lane. Returns how its answer is delivered. */
        Runnable run() {
            Outcome<T> outcome = Guard.call(() -> {
                lane.begin(what);
                return code.run();
            });
            return () -> then.accept(outcome);
        }

        void fail(Failure failure) {
            then.accept(new Outcome.Failed<>(failure));
        }
    }

    ThreadedLane(Threads threads, boolean isForeign) {
        this.threads = threads;
        this.isForeign = isForeign;
    }

    @Override
    public boolean isForeign() {
        return isForeign;
    }

    @Override
    public void begin(String call) {
        threads.begin(call);
    }

    @Override
    public <T> void call(String what, long bytes, Guard.Code<T> code, Consumer<Outcome<T>> then) {
        threads.call(new Job<>(this, what, bytes + TypeLimits.CALL_BYTES, code, then));
    }

    @Override
    public void end() {
        threads.end(this);
    }

    /** What payloads may take that are made before anybody asks for them. */
    ByteBudget aheadBudget() {
        return threads.aheadBudget();
    }
}
