package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Results;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something that happened in the world, told to {@link Scheduler#handle}. */
public sealed interface Event {

    void dispatch(Handler handler);

    /** One method for each kind of event, so that the compiler knows when one is forgotten. */
    interface Handler {
        void on(TaskSubmitted event);

        void on(PayloadsReady event);

        void on(TaskBroke event);

        void on(CombineFinished event);

        void on(CancelRequested event);

        void on(PatchRequested event);

        void on(ProgressWanted event);

        void on(WorkerJoined event);

        void on(WorkerLeft event);

        void on(AnswerBroken event);

        void on(ExitCodeTold event);

        void on(WorkerDraining event);

        void on(WorkerDrainRequested event);

        void on(SplitDeclined event);

        void on(Heartbeat event);

        void on(ResultsArrived event);

        void on(ResultsOffered event);

        void on(OfferUnusable event);

        void on(LeaseReleased event);

        void on(SubtaskFailed event);

        void on(TaskRestored event);

        void on(CommitDeferred event);

        void on(StoreCommitted event);

        void on(CreationFailed event);

        void on(StoreFailing event);

        void on(StoreRecovered event);

        void on(TimeLost event);
    }

    /**
     * A task that was split.
     *
     * @param request given back in the effect that answers it
     * @param spec with an id that no task ever had; if its submit key is taken, the answer is the task that has it
     * @param done what need not be done again of a task that another one is run again as, as in {@link TaskRestored}; it
     *     becomes durable with the task
     */
    record TaskSubmitted(long request, TaskSpec spec, TaskSize size, List<ChunkProgress> done) implements Event {
        /** Of a task of which nothing is done. */
        public TaskSubmitted(long request, TaskSpec spec, TaskSize size) {
            this(request, spec, size, List.of());
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers {@link Effect.MakePayloads}.
     *
     * @param to where the payloads end: where the lease does, or earlier when no more fit into one message
     */
    record PayloadsReady(TaskId task, long lease, long to, Payloads payloads) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Something outside of the core broke the task: its type's own code failed, or it outgrew a limit. */
    record TaskBroke(TaskId task, TaskFailure.Code code, String message) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers {@link Effect.Finish}. */
    record CombineFinished(TaskId task, Answer answer) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    record CancelRequested(TaskId task) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Something of an unfinished task is to change. Answered by {@link Effect.PatchAnswered}.
     *
     * @param request given back in that effect
     * @param sizeBytes what the task takes in memory from then on
     */
    record PatchRequested(long request, TaskId task, TaskPatch patch, long sizeBytes) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Somebody wants to be told how the task goes on, or nobody does any more. */
    record ProgressWanted(TaskId task, boolean wanted) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** @param identity of the workers that are connected, no two have the same */
    record WorkerJoined(WorkerId worker, WorkerIdentity identity, WorkerTerms terms) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** @param reason why its connection ended, in words that go on behind "it died:" */
    record WorkerLeft(WorkerId worker, String reason) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** A worker that joined says what the process that had its name before ended with. */
    record ExitCodeTold(WorkerId worker, int exitCode) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * What was to be an answer cannot be read, or makes no sense. The worker takes it for given, so that attempt failed.
     *
     * @param lease that it was for, or null where that cannot be told: the worker's oldest
     * @param index that it was for, or null where that cannot be told: the lowest of the lease that is not answered
     * @param endsConnection whether the connection ends because of it; that is not the worker's death then
     */
    record AnswerBroken(
            WorkerId worker, @Nullable Long lease, @Nullable Long index, String message, boolean endsConnection)
            implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** The worker takes no more leases and finishes what is started. */
    record WorkerDraining(WorkerId worker) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Somebody wants the worker to leave: it gets no more leases, finishes what it has started, and is not missed. */
    record WorkerDrainRequested(WorkerId worker) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** A deriving worker's own split gave another count: it gets payloads for this task from now on. */
    record SplitDeclined(WorkerId worker, TaskId task) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** @param nextIndexes per open lease, the index that it will start next; may be empty */
    record Heartbeat(WorkerId worker, Map<Long, Long> nextIndexes) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Answers for {@code [from, to)}.
     *
     * @param combined whether the worker folded them to one; else there is an entry for each index. A combined answer is
     *     atomic: it counts only if every index of it is open
     */
    record ResultsArrived(WorkerId worker, long lease, long from, long to, Results results, boolean combined)
            implements Event {
        /** @param results an entry for each index */
        public static ResultsArrived each(WorkerId worker, long lease, long from, long to, Results results) {
            return new ResultsArrived(worker, lease, from, to, results, false);
        }

        /** @param results the one entry that the worker folded all indexes to */
        public static ResultsArrived combined(WorkerId worker, long lease, long from, long to, Results results) {
            return new ResultsArrived(worker, lease, from, to, results, true);
        }

        /** The same answer with other results in the place of its own. */
        public ResultsArrived with(Results others) {
            return new ResultsArrived(worker, lease, from, to, others, combined);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers of a worker that lost its connection before it knew that they had arrived; they belong to no lease. */
    record ResultsOffered(WorkerId worker, TaskId task, long from, long to, Results results) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** One of the results that a worker offered cannot be combined: where a lease of its own waits for it, it failed. */
    record OfferUnusable(WorkerId worker, TaskId task, long index, String message) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers {@link Effect.Revoke}: the worker gives back what it has not started, from {@code from} on. */
    record LeaseReleased(WorkerId worker, long lease, long from) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * @param retryable false uses up all attempts at once
     * @param detail what the worker said beside its message, for people; or null
     */
    record SubtaskFailed(
            WorkerId worker,
            long lease,
            long index,
            String message,
            boolean retryable,
            @Nullable String detail) implements Event {
        public SubtaskFailed(WorkerId worker, long lease, long index, String message, boolean retryable) {
            this(worker, lease, index, message, retryable, null);
        }

        public SubtaskFailed withDetail(@Nullable String said) {
            return new SubtaskFailed(worker, lease, index, message, retryable, said);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Said of an {@link Effect.Persist} at once: it is durable only when that is said of it alone, not when it is said of one
     * behind it. What there is to store has to be made first, by code that may take long.
     */
    record CommitDeferred(long commit) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers {@link Effect.Persist}: it is durable, and all before it but those that are deferred. */
    record StoreCommitted(long commit) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers {@link Effect.Persist} of a new task: it is not durable and will not be. */
    record CreationFailed(long commit, TaskId task, String message) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Commits fail; those that are under way are tried again. Nothing new is taken until {@link StoreRecovered}. */
    record StoreFailing(String message) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** The store commits again. */
    record StoreRecovered() implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * An unfinished task of a former server, as far as it was durable. Told before any other event of that task.
     *
     * @param chunks those of which something is done, in ascending order; their accumulators are where the executor of
     *     effects keeps them
     */
    record TaskRestored(
            TaskSpec spec, TaskSize size, long submittedMs, TaskProgress progress, List<ChunkProgress> chunks)
            implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * This process stood still for so long, and what was sent to it meanwhile is not read yet. That does not count against
     * workers.
     */
    record TimeLost(long ms) implements Event {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }
}
