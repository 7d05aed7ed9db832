package io.divvy.scheduler;

import io.divvy.state.Ledger;
import io.divvy.state.Part;
import io.divvy.state.Results;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something that should happen in the world, in the order in which {@link Scheduler#handle} returned it. */
public sealed interface Effect {

    void dispatch(Handler handler);

    /** One method for each kind of effect, so that the compiler knows when one is forgotten. */
    interface Handler {
        void on(TaskAccepted effect);

        void on(TaskRefused effect);

        void on(PatchAnswered effect);

        void on(MakePayloads effect);

        void on(DescribeTask effect);

        void on(Assign effect);

        void on(Revoke effect);

        void on(CancelLease effect);

        void on(Ack effect);

        void on(CancelWork effect);

        void on(Forget effect);

        void on(RefuseMessage effect);

        void on(DropWorker effect);

        void on(GoAway effect);

        void on(Fold effect);

        void on(FoldCombined effect);

        void on(FoldFailed effect);

        void on(CloseChunk effect);

        void on(Finish effect);

        void on(Persist effect);

        void on(ReportProgress effect);

        void on(TaskEnded effect);
    }

    /** The submission was taken, and that is durable. For a repeated one, {@code task} is the one that it repeats. */
    record TaskAccepted(long request, TaskId task, long subtasks) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** The submission was not taken; nothing of it is left. {@code task} is what it would have been. */
    record TaskRefused(long request, TaskId task, Refusal refusal) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * The task was changed, and that is durable; or it was not.
     *
     * @param refusal why not, or null
     */
    record PatchAnswered(
            long request, TaskId task, @Nullable Refusal refusal) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Make the payloads of a lease; answered by {@link Event.PayloadsReady} or {@link Event.TaskBroke}. */
    record MakePayloads(TaskId task, long lease, long from, long to) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Tell a worker about a task, once, before its first lease of it. */
    record DescribeTask(WorkerId worker, TaskId task, long subtasks) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** @param payloads null for a type that the worker derives */
    record Assign(
            WorkerId worker,
            long lease,
            TaskId task,
            long from,
            long to,
            @Nullable Payloads payloads) implements Effect {
        static Assign of(Lease lease, @Nullable Payloads payloads) {
            return new Assign(lease.worker.id, lease.number, lease.task.spec.id(), lease.from, lease.to, payloads);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Ask a worker not to start these any more; answered by {@link Event.LeaseReleased}. */
    record Revoke(WorkerId worker, long lease, long from) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Ask a worker to stop a lease, also what runs of it; answered by {@link Event.LeaseReleased} if it knows how to. */
    record CancelLease(WorkerId worker, long lease) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Tell a worker that it need not keep its answers for {@code [from, to)}: they are durable, or were of no use.
     *
     * @param lease that they answered, or null for an offer
     */
    record Ack(WorkerId worker, @Nullable Long lease, TaskId task, long from, long to) implements Effect {
        /** Whether the other one goes on where this one ends, of the same answerer. */
        boolean isFollowedBy(Ack other) {
            return to == other.from
                    && worker.equals(other.worker)
                    && Objects.equals(lease, other.lease)
                    && task.equals(other.task);
        }

        Ack upTo(long end) {
            return new Ack(worker, lease, task, from, end);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Tell a worker that holds leases of the task to stop it. */
    record CancelWork(WorkerId worker, TaskId task) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Tell a worker to drop what it keeps for the task: the task ended, and that is durable, or it goes on and all that the
     * worker did of it is durable. Then it is described anew before the worker gets more of it.
     */
    record Forget(WorkerId worker, TaskId task) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Tell a worker that what it sent was not taken. */
    record RefuseMessage(WorkerId worker, Refusal refusal) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Close a worker's connection. The core has let go of it already. */
    record DropWorker(WorkerId worker, String reason) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** Tell a worker to finish what it has started, to give back the rest, and to leave for good. */
    record GoAway(WorkerId worker) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Fold the results of {@code [from, to)} into their chunk. They come in the order that the task's {@link
     * TaskSpec.FoldOrder} asks for, each index once.
     *
     * @param resultsFrom the index of the first entry of {@code results}, which may hold more than is to be folded
     */
    record Fold(TaskId task, int chunk, long from, long to, Results results, long resultsFrom) implements Effect {
        /** @param results those of the part, which has one for each index */
        static Fold of(TaskId task, int chunk, Part part, Results results) {
            return new Fold(task, chunk, part.from(), part.to(), results, part.resultsFrom());
        }

        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** In the place of {@link Fold}: the worker folded these already; {@code results} is that one result. */
    record FoldCombined(TaskId task, int chunk, long from, long to, Results results) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** In the place of {@link Fold}: these indexes are out of attempts and have no result. */
    record FoldFailed(TaskId task, int chunk, long from, long to) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** All of the chunk is folded, and its accumulator was handed to the store. */
    record CloseChunk(TaskId task, int chunk) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** No more results will come: make the answer, of the chunks that are still open too. Answered by {@link Event.CombineFinished} or a failure. */
    record Finish(TaskId task) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Make the change durable; answered by {@link Event.StoreCommitted} with the same number, or for a new task by {@link
     * Event.CreationFailed}. How far a task came goes with the accumulators of its chunks as they are now.
     */
    record Persist(long commit, Change change) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** How a task that somebody watches goes on; at most one in {@link Limits#progressIntervalMs}. */
    record ReportProgress(TaskId task, Ledger ledger) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** The task ended, and that is durable. The core has let go of it: the store knows it from now on. */
    record TaskEnded(TaskSnapshot task, @Nullable Answer answer) implements Effect {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }
}
