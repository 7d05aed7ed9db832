package io.divvy.scheduler;

import io.divvy.scheduler.Event.AnswerBroken;
import io.divvy.scheduler.Event.ResultsArrived;
import io.divvy.scheduler.Event.SubtaskFailed;
import io.divvy.state.FailedAttempt;
import io.divvy.state.Range;
import java.util.List;

/** What workers answer to leases that they have, or had: results, failures, and what makes no sense. */
final class LeaseAnswers {
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;
    private final Accounting accounting;
    private final LeaseBook leases;

    LeaseAnswers(
            CoreContext core, Dispatcher dispatcher, TaskLifecycle tasks, Accounting accounting, LeaseBook leases) {
        this.outbox = core.outbox();
        this.dispatcher = dispatcher;
        this.tasks = tasks;
        this.accounting = accounting;
        this.leases = leases;
    }

    void answer(WorkerView worker, ResultsArrived answer) {
        Lease lease = worker.leases.get(answer.lease());
        if (lease == null) {
            answerLate(worker, answer);
            return;
        }
        if (!lease.isAssigned) {
            refuseUnknownLease(worker, lease.number); // Its payloads are being made: the worker guessed the number.
            return;
        }
        long from = answer.from();
        long to = answer.to();
        if (!lease.covers(from, to)) {
            refuseAnswer(worker, lease, from, outside(lease.number, from, to, new Range(lease.from, lease.to)));
            return;
        }
        TaskState task = lease.task;
        if (answer.combined() && !task.spec.foldable()) {
            refuseAnswer(worker, lease, from, notFoldable(lease.number));
            return;
        }
        boolean isTooMuch = lease.wouldSplit(from, to) && lease.unanswered.rangeCount() >= worker.mostGaps();
        if (isTooMuch) {
            // More than is to be kept of one lease. The rest is leased anew; what its worker still answers of it
            // counts.
            leases.endUnanswered(lease);
        }
        long answered = isTooMuch ? 0 : lease.unanswered.remove(from, to);
        if (answered > 0) {
            lease.freeCredit(answered);
            worker.measure(lease, answered, outbox.peerMs());
            leases.goesOn(worker);
            leases.closeIfAnswered(lease);
        }
        if (!task.isActive()) {
            task.indexes.giveBack(lease.chunk, from, to, outbox.nowMs()); // Its answer is being made without them.
        }
        boolean counts = true;
        if (answer.combined()) {
            boolean isWhole = isTooMuch || answered == to - from;
            counts = accounting.countCombined(task, from, to, answer.results(), isWhole);
        } else {
            accounting.count(task, from, to, answer.results(), new Range(from, to));
        }
        if (counts) {
            accounting.acknowledge(worker, answer.lease(), task, from, to);
        } else {
            // It is dropped whole. What of it is open and in nobody's hands any more has to be done again.
            task.indexes.giveBack(lease.chunk, from, to, outbox.nowMs());
            tasks.moved(task);
        }
        dispatcher.offer(worker);
    }

    /** An answer to a lease that ended: the work is done, so it counts wherever its indexes are open. */
    private void answerLate(WorkerView worker, ResultsArrived answer) {
        leases.repay(worker, answer.lease()); // Even if so many leases ended since that this one is not remembered.
        EndedLeases.Ended ended = worker.ended.find(answer.lease());
        if (ended == null) {
            refuseUnknownLease(worker, answer.lease());
            return;
        }
        if (!ended.covers(answer.from(), answer.to())) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.BAD_MESSAGE,
                    outside(answer.lease(), answer.from(), answer.to(), new Range(ended.from(), ended.to())));
            return;
        }
        TaskState task = tasks.find(ended.task());
        if (task == null) {
            return; // It has ended: the worker was told to drop what it keeps of it.
        }
        if (answer.combined() && !task.spec.foldable()) {
            outbox.refuse(worker, Refusal.Kind.BAD_MESSAGE, notFoldable(answer.lease()));
            return;
        }
        if (!task.isActive()) {
            return; // The worker hears when it may drop what it keeps of the task, or did before this came.
        }
        boolean counts = true;
        if (answer.combined()) {
            counts = accounting.countCombined(task, answer.from(), answer.to(), answer.results(), true);
        } else {
            accounting.count(task, answer.from(), answer.to(), answer.results(), new Range(answer.from(), answer.to()));
        }
        if (counts) {
            accounting.acknowledge(worker, answer.lease(), task, answer.from(), answer.to());
        }
    }

    /** What a worker offers it need not answer again, where a lease of its own holds it. */
    void answerOffered(WorkerView worker, TaskState task, long from, long to) {
        boolean isAnswered = false;
        for (Lease lease : List.copyOf(worker.leases.values())) {
            long heldFrom = Math.max(from, lease.from);
            long heldTo = Math.min(to, lease.to);
            if (lease.task == task && lease.isAssigned && heldFrom < heldTo) {
                lease.freeCredit(lease.unanswered.remove(heldFrom, heldTo));
                leases.closeIfAnswered(lease);
                isAnswered = true;
            }
        }
        if (isAnswered) {
            dispatcher.offer(worker);
        }
    }

    void fail(WorkerView worker, SubtaskFailed failure) {
        Lease lease = worker.leases.get(failure.lease());
        long index = failure.index();
        if (lease == null) {
            leases.repay(worker, failure.lease());
            // The index is somebody else's by now; only an unknown number is worth a complaint.
            if (worker.ended.find(failure.lease()) == null) {
                refuseUnknownLease(worker, failure.lease());
            }
            return;
        }
        if (!lease.isAssigned) {
            refuseUnknownLease(worker, lease.number);
            return;
        }
        if (!lease.covers(index, index + 1)) {
            refuseAnswer(
                    worker, lease, index, outside(lease.number, index, index + 1, new Range(lease.from, lease.to)));
            return;
        }
        if (lease.unanswered.remove(index, index + 1) == 0) {
            return;
        }
        lease.freeCredit(1);
        leases.goesOn(worker);
        leases.closeIfAnswered(lease);
        if (!lease.task.isActive()) {
            // Its answer is being made without it.
            lease.task.indexes.giveBack(lease.chunk, index, index + 1, outbox.nowMs());
        } else if (lease.chunk.leased.contains(index)) {
            FailedAttempt.Said said = new FailedAttempt.Said(worker.name, failure.message(), failure.detail());
            accounting.countAttempt(lease, index, said, failure.retryable());
        }
        dispatcher.offer(worker);
    }

    /** An answer makes no sense. The worker takes it for given, so that attempt failed. */
    void broke(WorkerView worker, AnswerBroken answer) {
        Long number = answer.lease();
        Lease lease = number == null ? worker.oldestAssigned() : worker.leases.get(number);
        if (answer.endsConnection()) {
            worker.breakProtocol();
            dispatcher.offer(worker); // It gets nothing more, so it is not idle either.
        }
        if (lease == null && number != null) {
            leases.repay(worker, number);
            return;
        }
        if (lease != null && lease.isAssigned) {
            Long told = answer.index();
            boolean isTold = told != null && lease.covers(told, told + 1);
            long index = isTold ? told : lease.unanswered.firstIndex();
            if (!lease.unanswered.contains(index)) {
                return; // It was answered before, whatever is said of it now.
            }
            if (answer.endsConnection()) {
                worker.breakProtocolWith(new Quarantine.Subtask(lease.task.spec.id(), index));
            }
            if (lease.task.isActive() && lease.chunk.leased.contains(index)) {
                lease.task.histories.broke(index, worker.identity);
            }
            fail(worker, new SubtaskFailed(worker.id, lease.number, index, answer.message(), true));
        }
    }

    /** Refuses an answer, which the worker takes for given. */
    private void refuseAnswer(WorkerView worker, Lease lease, long index, String message) {
        outbox.refuse(worker, Refusal.Kind.BAD_MESSAGE, message);
        broke(worker, new AnswerBroken(worker.id, lease.number, index, "bad_message: " + message, false));
    }

    private static String notFoldable(long lease) {
        return "lease " + lease + ": its task does not take combined answers; expected one result for each index";
    }

    /** Of a lease that was its own and ended nobody knows any more what it was; one that never was is a broken answer. */
    private void refuseUnknownLease(WorkerView worker, long number) {
        String message =
                "lease " + number + " is not open in this session; answer only leases that were assigned to it";
        outbox.refuse(worker, Refusal.Kind.UNKNOWN_LEASE, message);
        if (leases.neverGranted(number)) {
            broke(worker, new AnswerBroken(worker.id, null, null, "unknown_lease: " + message, false));
        }
    }

    private static String outside(long lease, long from, long to, Range range) {
        return "lease " + lease + " holds the indexes " + range + ", got an answer for [" + from + ", " + to + ")";
    }
}
