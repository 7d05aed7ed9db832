package io.divvy.scheduler;

import java.util.List;

/** One reason why a task is not finished. Several may hold at once: a task can run and wait for a retry. */
public sealed interface Explanation {

    <R> R dispatch(Handler<R> handler);

    /** One method for each kind of reason, so that the compiler knows when one is forgotten. */
    interface Handler<R> {
        R on(Running explanation);

        R on(NoWorker explanation);

        R on(WaitingForCredit explanation);

        R on(Quarantined explanation);

        R on(OnTrial explanation);

        R on(BehindHigherPriority explanation);

        R on(BackingOff explanation);

        R on(PreparingPayloads explanation);

        R on(HeldBack explanation);

        R on(AwaitingReturn explanation);

        R on(Paused explanation);

        R on(NotBefore explanation);

        R on(Combining explanation);

        R on(Saving explanation);
    }

    /**
     * Workers hold subtasks of it.
     *
     * @param subtasks that at least one of them holds; what two of them hold counts once here
     * @param holders the first of them, in the order in which they joined
     * @param workers how many there are, perhaps more than are listed
     */
    record Running(long subtasks, int workers, List<Holder> holders) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** A worker that holds subtasks of the task. */
    record Holder(WorkerId worker, String name, long subtasks) {}

    /** @param draining workers that would take the type, but take nothing new */
    record NoWorker(String taskType, int draining) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * The workers of the type have as much as they should have.
     *
     * @param workers that take the type, those that drain left out
     * @param stalled the part of them that stood still on a lease until its time was up, and gets nothing until it goes on
     */
    record WaitingForCredit(String taskType, int workers, int stalled) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * Workers of the type get nothing for a while, because workers of their name died with different subtasks.
     *
     * @param untilMs when the first of them gets something again, since the epoch
     */
    record Quarantined(String taskType, int workers, long untilMs) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Subtasks with which workers died wait for a worker that runs nothing else. */
    record OnTrial(long subtasks) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * Tasks that are served first want the same workers.
     *
     * @param tasks at most {@link #MOST_TASKS}, though there may be more: no more are looked at
     * @param highestPriority of those tasks
     */
    record BehindHigherPriority(int priority, int tasks, int highestPriority) implements Explanation {
        /** Of the tasks that are served first, so many are looked at. */
        public static final int MOST_TASKS = 1_000;

        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * Subtasks that failed wait for their next attempt.
     *
     * @param untilMs when the first of them is due, since the epoch
     */
    record BackingOff(long subtasks, long untilMs) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The payloads of a lease are being made, one lease of a task at a time. */
    record PreparingPayloads() implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Nothing fresh of it is leased while it is at a bound. */
    record HeldBack(Bound bound, long most) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * The server was restarted, and waits for workers to come back with their results.
     *
     * @param untilMs when it goes on in any case, since the epoch
     */
    record AwaitingReturn(long untilMs) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Nothing more of it is leased until somebody lets it go on. */
    record Paused() implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * Its sender wants nothing of it to be started yet.
     *
     * @param untilMs when it may be, since the epoch
     */
    record NotBefore(long untilMs) implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** All subtasks are done; the answer is being made of their results. */
    record Combining() implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** It ended; nobody is told before that is durable. */
    record Saving() implements Explanation {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** What a task can have too much of. */
    enum Bound {
        /** {@link Limits#bufferedResultBytes}: results that wait for lower ones. */
        BUFFERED_RESULT_BYTES,
        /** {@link Limits#subtaskBytes}: what is known of single subtasks, of all tasks. */
        SUBTASK_BYTES,
        /** {@link Limits#workerBytes}: leases of all workers, and what is remembered of others. */
        WORKER_BYTES,
        /** {@link Limits#waitingRetries}: subtasks that wait for a retry. */
        WAITING_RETRIES,
        /** {@link Limits#unsavedResultBytes}: results of all tasks that wait for the store. */
        UNSAVED_RESULT_BYTES,
        /** {@link Limits#gapsPerChunk}: separate done parts of the newest chunk. */
        GAPS_PER_CHUNK
    }
}
