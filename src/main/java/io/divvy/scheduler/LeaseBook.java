package io.divvy.scheduler;

import io.divvy.scheduler.Event.AnswerBroken;
import io.divvy.scheduler.Event.LeaseReleased;
import io.divvy.scheduler.Event.OfferUnusable;
import io.divvy.scheduler.Event.PayloadsReady;
import io.divvy.scheduler.Event.ResultsArrived;
import io.divvy.scheduler.Event.ResultsOffered;
import io.divvy.scheduler.Event.SubtaskFailed;
import io.divvy.scheduler.WorkerView.EndedLease;
import io.divvy.state.Range;
import io.divvy.state.TaskId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A lease from its grant to its end: answers, failures, time that runs out, a worker that goes away. */
final class LeaseBook {
    /** A worker with so many slots may answer in the order in which they end, however little memory there is. */
    private static final int SLOTS_SERVED_WHEN_FULL = 64;

    private final Limits limits;
    private final Timers timers;
    private final Outbox outbox;
    private final Dispatcher dispatcher;
    private final TaskLifecycle tasks;
    private final Accounting accounting;
    private final Journal journal;
    private final WorkerRoom room;
    private final HoldWatch holds;
    private long lastLease;

    LeaseBook(
            Limits limits,
            Timers timers,
            Outbox outbox,
            Dispatcher dispatcher,
            TaskLifecycle tasks,
            Accounting accounting,
            Journal journal,
            WorkerRoom room,
            HoldWatch holds) {
        this.limits = limits;
        this.timers = timers;
        this.outbox = outbox;
        this.dispatcher = dispatcher;
        this.tasks = tasks;
        this.accounting = accounting;
        this.journal = journal;
        this.room = room;
        this.holds = holds;
    }

    /** Gives the worker what was chosen for it, now or when its payloads are made. */
    void grant(Grant grant) {
        WorkerView worker = grant.worker();
        TaskState task = grant.task();
        if (!worker.plain && worker.meet(task)) {
            task.knownBy.add(worker);
            outbox.emit(new Effect.DescribeTask(worker.id, task.spec.id(), task.indexes.total()));
        }
        Lease lease = new Lease(++lastLease, grant, outbox.nowMs());
        task.addLease(lease);
        worker.addLease(lease);
        if (worker.derivesPayloadsOf(task)) {
            assign(lease, null);
        } else {
            task.prepare(lease);
            outbox.emit(new Effect.MakePayloads(task.spec.id(), lease.number, lease.from, lease.to));
        }
        dispatcher.granted(lease, grant.kind());
    }

    /** Sends a lease to its worker. Its time starts now: making payloads is not the worker's fault. */
    private void assign(Lease lease, @Nullable Payloads payloads) {
        WorkerView worker = lease.worker;
        lease.isAssigned = true;
        lease.assignedPeerMs = outbox.peerMs();
        holds.start(worker);
        if (worker.creditUsed() == lease.unanswered.size()) {
            worker.movedPeerMs = outbox.peerMs();
        }
        long leaseMs = leaseMs(worker, lease.task);
        if (leaseMs > 0) {
            watch(lease, outbox.nowMs() + leaseMs);
        }
        outbox.emit(new Effect.Assign(worker.id, lease.number, lease.task.spec.id(), lease.from, lease.to, payloads));
    }

    private void watch(Lease lease, long dueMs) {
        lease.expiry = timers.scheduleForPeer(dueMs, () -> expire(lease));
    }

    /**
     * How long a lease may stand still, or 0 for as long as its worker lives. A plain worker shows no sign of life, so it
     * has a fixed time; others enforce the subtask's timeout themselves, and twice that means that they hang.
     */
    private long leaseMs(WorkerView worker, TaskState task) {
        long hangMs = 2 * task.spec.subtaskTimeoutMs();
        if (!worker.plain) {
            return hangMs;
        }
        return hangMs == 0 ? limits.plainLeaseMs() : Math.min(limits.plainLeaseMs(), hangMs);
    }

    /** The payloads are there that a lease of the task waited for, which may have ended. */
    void prepared(PayloadsReady ready) {
        TaskState task = tasks.find(ready.task());
        if (task == null || !task.isPreparing(ready.lease())) {
            return;
        }
        task.endPreparing();
        Lease lease = task.leases.get(ready.lease());
        if (lease != null) {
            send(lease, ready);
        }
        tasks.moved(task);
    }

    /** The payloads of a lease are there, perhaps not all of them: its worker gets it. */
    private void send(Lease lease, PayloadsReady ready) {
        if (lease.isCancelled) {
            lease.abandon(timers);
            giveBackUnanswered(lease);
            dispatcher.offer(lease.worker);
            return;
        }
        if (ready.to() < lease.to) {
            shorten(lease, ready.to());
        }
        assign(lease, ready.payloads());
        dispatcher.offer(lease.worker);
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
        if (lease.wouldSplit(from, to) && lease.unanswered.rangeCount() >= mostGaps(worker)) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.LIMIT_EXCEEDED,
                    "lease " + lease.number + ": more than " + mostGaps(worker)
                            + " separate gaps are unanswered; answer lower indexes first");
            return;
        }
        TaskState task = lease.task;
        if (answer.combined() && !task.spec.foldable()) {
            refuseAnswer(worker, lease, from, notFoldable(lease.number));
            return;
        }
        long answered = lease.unanswered.remove(from, to);
        if (answered > 0) {
            lease.freeCredit(answered);
            worker.measure(lease, answered, outbox.peerMs());
            goesOn(worker);
            closeIfAnswered(lease);
        }
        if (!task.isActive()) {
            task.indexes.giveBack(lease.chunk, from, to, outbox.nowMs()); // Its answer is being made without them.
        }
        boolean counts = true;
        if (answer.combined()) {
            boolean isWhole = answered == to - from;
            counts = accounting.countCombined(task, from, to, answer.results(), isWhole);
        } else {
            accounting.count(task, from, to, answer.results(), new Range(from, to));
        }
        if (counts) {
            acknowledge(worker, answer.lease(), task, from, to);
        } else {
            // It is dropped whole. What of it is open and in nobody's hands any more has to be done again.
            task.indexes.giveBack(lease.chunk, from, to, outbox.nowMs());
            tasks.moved(task);
        }
        dispatcher.offer(worker);
    }

    /** Unanswered parts that a lease of the worker may have: where memory is short, what its slots need. */
    private int mostGaps(WorkerView worker) {
        if (!room.isShortFor(worker)) {
            return limits.gapsPerLease();
        }
        int needed = room.isFull() ? Math.min(worker.slots, SLOTS_SERVED_WHEN_FULL) + 1 : worker.slots + 1;
        return Math.min(limits.gapsPerLease(), needed);
    }

    /** An answer to a lease that ended: the work is done, so it counts wherever its indexes are open. */
    private void answerLate(WorkerView worker, ResultsArrived answer) {
        repay(worker, answer.lease()); // Even if so many leases ended since that this one is not remembered.
        EndedLease ended = worker.endedLease(answer.lease());
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
            acknowledge(worker, answer.lease(), task, answer.from(), answer.to());
        }
    }

    /**
     * Results of work that a worker did before it lost its connection: taken wherever their indexes are open, if it takes
     * tasks of that type. Else it hears that it need not keep them: nobody will ever take them from it.
     */
    void takeOffer(WorkerView worker, ResultsOffered offer) {
        TaskState task = tasks.find(offer.task());
        if (task == null) {
            // It ended meanwhile: the worker need not keep anything for it.
            outbox.emit(new Effect.Forget(worker.id, offer.task()));
            return;
        }
        if (!worker.takes(task.spec.type())) {
            refuseOfferOfOtherType(worker, task);
            return;
        }
        if (!task.isActive()) {
            // The same, but it has to be durable first.
            worker.meet(task);
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
        answerOwnLeases(worker, task, offer.from(), offer.to());
        long end = Math.min(offer.to(), task.reachable());
        task.indexes.reach(end);
        Range offered = new Range(offer.from(), offer.to());
        for (long from = offer.from(); from < end; ) {
            long to = Math.min(end, task.indexes.chunkEnd(from));
            accounting.count(task, from, to, offer.results(), offered);
            from = to;
        }
        // What lies beyond is done anew, as it is not to be offered again.
        acknowledge(worker, null, task, offer.from(), offer.to());
        dispatcher.refresh(task);
    }

    /**
     * A worker offers a result that nobody can use. It takes its offers for answers to its own leases, so the lease that
     * holds this index would wait for ever; and it would not do again what it still has to offer.
     */
    void refuseOffered(WorkerView worker, OfferUnusable offer) {
        TaskState task = tasks.find(offer.task());
        if (task != null && !worker.takes(task.spec.type())) {
            refuseOfferOfOtherType(worker, task);
            return;
        }
        long index = offer.index();
        for (Lease lease : List.copyOf(worker.leases.values())) {
            if (lease.task.spec.id().equals(offer.task()) && lease.isAssigned && lease.unanswered.contains(index)) {
                fail(worker, new SubtaskFailed(worker.id, lease.number, index, offer.message(), true));
            }
        }
        if (worker.acks) {
            outbox.emit(new Effect.Ack(worker.id, null, offer.task(), index, index + 1));
        }
    }

    private void refuseOfferOfOtherType(WorkerView worker, TaskState task) {
        outbox.refuse(
                worker,
                Refusal.Kind.BAD_MESSAGE,
                "task " + task.spec.id() + " is of type " + task.spec.type()
                        + ", which is not among the task_types of this worker; its results of it do not count");
        outbox.emit(new Effect.Forget(worker.id, task.spec.id()));
    }

    /** What a worker offers it need not answer again, where a lease of its own holds it. */
    private void answerOwnLeases(WorkerView worker, TaskState task, long from, long to) {
        boolean isAnswered = false;
        for (Lease lease : List.copyOf(worker.leases.values())) {
            long heldFrom = Math.max(from, lease.from);
            long heldTo = Math.min(to, lease.to);
            if (lease.task == task && lease.isAssigned && heldFrom < heldTo) {
                lease.freeCredit(lease.unanswered.remove(heldFrom, heldTo));
                closeIfAnswered(lease);
                isAnswered = true;
            }
        }
        if (isAnswered) {
            dispatcher.offer(worker);
        }
    }

    /** The worker gives back what it has not started, or has stopped, because it was asked to. */
    void release(WorkerView worker, LeaseReleased released) {
        long number = released.lease();
        Lease lease = worker.leases.get(number);
        boolean isExpected = lease == null ? !neverGranted(number) : lease.isCancelled;
        if (!isExpected && !worker.revokedLeases.containsKey(number)) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.BAD_MESSAGE,
                    "lease " + number + " was not revoked or cancelled, or was released already; expected one released"
                            + " for a revoke, and for a lease that was cancelled");
            return;
        }
        if (lease != null && released.from() < lease.from) {
            outbox.refuse(
                    worker,
                    Refusal.Kind.BAD_MESSAGE,
                    "lease " + number + " holds the indexes " + new Range(lease.from, lease.to) + ", got released from "
                            + released.from());
            return;
        }
        if (worker.revokedLeases.remove(number) != null) {
            worker.ignoresRevoke = false; // It was late, but it does give back.
        }
        if (lease == null) {
            return; // All of it was answered, or it ended, before the worker read what it was asked.
        }
        if (lease.isCancelled && released.from() <= lease.unanswered.firstIndex()) {
            stopped(lease);
        } else {
            shorten(lease, Math.min(lease.to, released.from()));
            closeIfAnswered(lease);
            tasks.moved(lease.task);
        }
        dispatcher.offer(worker);
    }

    /** Its worker does nothing of the lease any more, as it was asked; what else it holds begins now. */
    private void stopped(Lease lease) {
        WorkerView worker = lease.worker;
        worker.cancelsLeases = true;
        worker.movedPeerMs = outbox.peerMs();
        endUnanswered(lease); // If something of it is answered all the same, that may still count.
        repay(worker, lease.number);
    }

    void fail(WorkerView worker, SubtaskFailed failure) {
        Lease lease = worker.leases.get(failure.lease());
        long index = failure.index();
        if (lease == null) {
            repay(worker, failure.lease());
            // The index is somebody else's by now; only an unknown number is worth a complaint.
            if (worker.endedLease(failure.lease()) == null) {
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
        goesOn(worker);
        closeIfAnswered(lease);
        if (!lease.task.isActive()) {
            // Its answer is being made without it.
            lease.task.indexes.giveBack(lease.chunk, index, index + 1, outbox.nowMs());
        } else if (lease.chunk.leased.contains(index)) {
            accounting.countAttempt(lease.task, lease.chunk, index, worker, failure.message(), failure.retryable());
        }
        dispatcher.offer(worker);
    }

    void advance(WorkerView worker, long leaseNumber, long nextIndex) {
        Lease lease = worker.leases.get(leaseNumber);
        if (lease != null && lease.advanceTo(nextIndex)) {
            goesOn(worker);
            dispatcher.offer(worker);
        }
    }

    /**
     * The worker's own split of a task gave another count. What it derives would be wrong: it gives back what it has of
     * the task, and gets it again with payloads. Its answers to the old leases do not count.
     */
    void decline(WorkerView worker, TaskId id) {
        TaskState task = tasks.find(id);
        if (task == null || !worker.decline(task)) {
            return;
        }
        for (Lease lease : List.copyOf(worker.leases.values())) {
            if (lease.task == task) {
                lease.abandon(timers);
                giveBackUnanswered(lease);
            }
        }
        worker.repayFor(task);
        dispatcher.offer(worker);
    }

    /**
     * The lease stood still for too long: it is closed, and what it held goes elsewhere. A worker that hangs costs one
     * subtask one attempt, and then it gets nothing until it goes on: it must not use up the attempts of innocent ones. If it
     * hangs in an older lease, which may have all the time, it gets nothing either: that would only expire again.
     */
    private void expire(Lease lease) {
        WorkerView worker = lease.worker;
        TaskState task = lease.task;
        long leaseMs = leaseMs(worker, task);
        long leftMs = worker.movedPeerMs + leaseMs - outbox.peerMs();
        if (!worker.plain && leftMs > 0) {
            watch(lease, outbox.nowMs() + leftMs);
            return;
        }
        Lease running = worker.plain ? null : worker.oldestAssigned();
        Long owed = worker.owedLease;
        boolean wasRunning = running == lease && (owed == null || owed == lease.number);
        long culprit = lease.unanswered.firstIndex();
        endUnanswered(lease);
        if (running != null && owed == null) {
            worker.owe(running);
        }
        if (wasRunning && task.isActive() && task.indexes.isGivenBack(lease.chunk, culprit)) {
            accounting.countAttempt(
                    task,
                    lease.chunk,
                    culprit,
                    worker,
                    "no answer and no progress for " + leaseMs + " ms, twice the subtask timeout",
                    true);
        }
        dispatcher.offer(worker);
    }

    /** The worker is gone: what its leases hold is pending again. */
    void leave(WorkerView worker) {
        for (Lease lease : List.copyOf(worker.leases.values())) {
            endUnanswered(lease);
        }
        holds.stop(worker);
    }

    /** An answer makes no sense. The worker takes it for given, so that attempt failed. */
    void broke(WorkerView worker, AnswerBroken answer) {
        Long number = answer.lease();
        Lease lease = number == null ? worker.oldestAssigned() : worker.leases.get(number);
        worker.brokeProtocol |= answer.endsConnection();
        if (lease == null && number != null) {
            repay(worker, number);
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
                worker.brokeWith = new Quarantine.Subtask(lease.task.spec.id(), index);
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

    /** Shortens a lease from behind: these indexes were never sent, or were given back. */
    private void shorten(Lease lease, long to) {
        long oldTo = lease.to;
        if (to == oldTo) {
            return;
        }
        lease.to = to;
        lease.freeCredit(lease.unanswered.remove(to, oldTo));
        lease.task.indexes.giveBack(lease.chunk, to, oldTo, outbox.nowMs());
    }

    /** The worker answered something that was not answered, or started something new: it does not hang. */
    private void goesOn(WorkerView worker) {
        worker.movedPeerMs = outbox.peerMs();
        worker.repay();
    }

    private void closeIfAnswered(Lease lease) {
        if (lease.unanswered.isEmpty()) {
            lease.close(timers);
            repay(lease.worker, lease.number);
        }
    }

    /** Ends a lease with something unanswered: that is pending again. */
    private void endUnanswered(Lease lease) {
        lease.endUnanswered(timers, limits.expiredLeases());
        giveBackUnanswered(lease);
        keepCopies(lease);
    }

    /** Copies of what an ended lease held are copies of nothing any more, and not to be stopped for other work. */
    private void keepCopies(Lease ended) {
        for (Lease copy : List.copyOf(ended.chunk.leases)) {
            if (copy.isSpeculative && !copy.isCancelled && copy.holdsAnyOf(ended.unanswered)) {
                copy.worker.keepCopy(copy);
                dispatcher.offer(copy.worker);
            }
        }
    }

    private void giveBackUnanswered(Lease lease) {
        for (Range range : lease.unanswered.toList()) {
            lease.task.indexes.giveBack(lease.chunk, range.from(), range.to(), outbox.nowMs());
        }
        tasks.moved(lease.task);
    }

    /** A worker gave the answer that it owed, so it may get something new. */
    private void repay(WorkerView worker, long leaseNumber) {
        if (worker.owedLease != null && worker.owedLease == leaseNumber) {
            goesOn(worker);
            dispatcher.offer(worker);
        }
    }

    private void acknowledge(WorkerView worker, @Nullable Long lease, TaskState task, long from, long to) {
        if (worker.acks) {
            journal.acknowledge(task, new Effect.Ack(worker.id, lease, task.spec.id(), from, to));
        }
    }

    /** Whether no lease ever had the number. */
    private boolean neverGranted(long number) {
        return number < 1 || number > lastLease;
    }

    private static String notFoldable(long lease) {
        return "lease " + lease + ": its task does not take combined answers; expected one result for each index";
    }

    /** Of a lease that was its own and ended nobody knows any more what it was; one that never was is a broken answer. */
    private void refuseUnknownLease(WorkerView worker, long number) {
        String message =
                "lease " + number + " is not open in this session; answer only leases that were assigned to it";
        outbox.refuse(worker, Refusal.Kind.UNKNOWN_LEASE, message);
        if (neverGranted(number)) {
            broke(worker, new AnswerBroken(worker.id, null, null, "unknown_lease: " + message, false));
        }
    }

    private static String outside(long lease, long from, long to, Range range) {
        return "lease " + lease + " holds the indexes " + range + ", got an answer for [" + from + ", " + to + ")";
    }
}
