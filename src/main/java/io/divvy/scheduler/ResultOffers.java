package io.divvy.scheduler;

import io.divvy.scheduler.Event.OfferUnusable;
import io.divvy.scheduler.Event.ResultsOffered;
import io.divvy.scheduler.Event.SubtaskFailed;
import io.divvy.state.Range;
import java.util.List;

/** What workers offer without a lease, after they lost their connection. */
final class ResultOffers {
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;
    private final Accounting accounting;
    private final LeaseAnswers answers;

    ResultOffers(
            CoreContext core, Dispatcher dispatcher, TaskLifecycle tasks, Accounting accounting, LeaseAnswers answers) {
        this.outbox = core.outbox();
        this.dispatcher = dispatcher;
        this.tasks = tasks;
        this.accounting = accounting;
        this.answers = answers;
    }

    /**
     * Results of work that a worker did before it lost its connection: taken wherever their indexes are open, if it takes
     * tasks of that type. Else it hears that it need not keep them: nobody will ever take them from it.
     */
    void take(WorkerView worker, ResultsOffered offer) {
        TaskState task = tasks.find(offer.task());
        if (task == null) {
            // It ended meanwhile: the worker need not keep anything for it.
            outbox.emit(new Effect.Forget(worker.id, offer.task()));
            return;
        }
        if (!worker.takes(task.spec.type())) {
            refuseOtherType(worker, task);
            return;
        }
        if (!task.isActive()) {
            // The same, but it has to be durable first.
            worker.known.meet(task);
            task.knownBy.add(worker);
            return;
        }
        if (offer.from() < 0 || offer.from() >= offer.to() || offer.to() > task.indexes.total()) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.BAD_MESSAGE,
                    "task " + offer.task() + " has the indexes " + new Range(0, task.indexes.total())
                            + ", got an offer for [" + offer.from() + ", " + offer.to() + ")");
            return;
        }
        answers.answerOffered(worker, task, offer.from(), offer.to());
        long end = Math.min(offer.to(), task.reachable());
        task.indexes.reach(end);
        Range offered = new Range(offer.from(), offer.to());
        for (long from = offer.from(); from < end; ) {
            long to = Math.min(end, task.indexes.chunkEnd(from));
            accounting.count(task, from, to, offer.results(), offered);
            from = to;
        }
        // What lies beyond is done anew, as it is not to be offered again.
        accounting.acknowledge(worker, null, task, offer.from(), offer.to());
        dispatcher.refresh(task);
    }

    /**
     * A worker offers a result that nobody can use. It takes its offers for answers to its own leases, so the lease that
     * holds this index would wait for ever; and it would not do again what it still has to offer.
     */
    void refuse(WorkerView worker, OfferUnusable offer) {
        TaskState task = tasks.find(offer.task());
        if (task != null && !worker.takes(task.spec.type())) {
            refuseOtherType(worker, task);
            return;
        }
        long index = offer.index();
        for (Lease lease : List.copyOf(worker.leases.values())) {
            if (lease.task.spec.id().equals(offer.task()) && lease.isAssigned && lease.unanswered.contains(index)) {
                answers.fail(worker, new SubtaskFailed(worker.id, lease.number, index, offer.message(), true));
            }
        }
        if (worker.acks) {
            outbox.emit(new Effect.Ack(worker.id, null, offer.task(), index, index + 1));
        }
    }

    private void refuseOtherType(WorkerView worker, TaskState task) {
        outbox.refuse(
                worker,
                Refusal.Kind.BAD_MESSAGE,
                "task " + task.spec.id() + " is of type " + task.spec.type()
                        + ", which is not among the task_types of this worker; its results of it do not count");
        outbox.emit(new Effect.Forget(worker.id, task.spec.id()));
    }
}
